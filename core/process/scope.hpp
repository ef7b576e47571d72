// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/process/cgroup.hpp"
#include "core/process/command.hpp"
#include "core/task.hpp"

namespace patchbay {

/// Everything that is started under one lease, findable by anybody later: each child carries the lease's token in its
/// environment, leads a session of its own, and is put into a control group named after the token where the system lets
/// us make one. Without a control group, a process is lost that drops the environment and also leaves its session.
class ProcessScope {
public:
    static constexpr auto marker = "PATCHBAY_LEASE";

    /// `token`: letters, digits, '.', '_' and '-'; the same for every process that may have to clean up.
    /// Throws: LavaBug for any other character.
    explicit ProcessScope(std::string token);
    /// Removes its empty control group. Kills nothing.
    ~ProcessScope();
    ProcessScope(const ProcessScope&) = delete;
    ProcessScope& operator=(const ProcessScope&) = delete;

    const std::string& token() const { return token_; }

    /// Makes `command` start inside. Process does it for every command while an AdmitAll lives.
    void admit(Command& command);

    /// KILLs everything inside until nothing is left, also what a killed owner started and what left its session or
    /// group. Never ourselves or our ancestors.
    /// Done when: two looks in a row found nobody.
    /// Throws:    InfrastructureError naming the survivors after `limit`.
    Task<> kill_all(Clock::duration limit = std::chrono::seconds{10});

    /// Who is inside, now.
    std::vector<pid_t> members() const;

private:
    std::string mark() const;

    std::string token_;
    std::string group_name_;
    std::optional<Cgroup> group_;
    bool tried_group_ = false;
};

/// While it lives, every command that this program starts is started inside of `scope`: nobody can forget it. One
/// program serves one lease; an inner one takes the place of an outer one.
class AdmitAll {
public:
    explicit AdmitAll(ProcessScope& scope);
    ~AdmitAll();
    AdmitAll(const AdmitAll&) = delete;
    AdmitAll& operator=(const AdmitAll&) = delete;

    /// Into the scope of the one that lives now; nothing when there is none.
    static void admit(Command& command);

private:
    ProcessScope* outer_;
};

}  // namespace patchbay
