// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the parts of one multinode group have said to each other, and who waits for what. No I/O, no clock: the same
// calls in the same order give the same answers, so a daemon that was killed finds them again.
//
// The meaning is the documented one of LAVA's multi-node API, not that of its coordinator where that differs
// (lava/coordinator/__init__.py): wait_all waits although nobody has sent yet, where that one answers "nack"; it waits
// for all others, where that one also waits for the caller, who cannot send meanwhile; with a role it waits for every
// part of that role, where that one looks at the first.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/ids.hpp"
#include "jobs/journal/group_call.hpp"

namespace patchbay {

class MultinodeGroup {
public:
    /// Bytes that all parts together may send under one id: they are typed into consoles.
    static constexpr std::size_t most_bytes = 256 * 1024;

    /// Every part of the group, also those that have not begun.
    explicit MultinodeGroup(std::map<JobId, std::string> roles);

    /// Takes the next call; returns the parts whose latest call was answered by that, the caller among them or not.
    /// A call of a part that is waiting for an older one takes its place; one with a number that was there is ignored.
    std::vector<JobId> take(JobId from, const GroupCall& call);

    /// What the latest call of the part was answered; nullopt: it waits, or there was none.
    std::optional<GroupAnswer> answer(JobId part) const;

private:
    struct Latest {
        GroupCall call;
        std::optional<GroupAnswer> answer;
    };
    using Data = std::vector<std::pair<std::string, std::string>>;

    /// Why it cannot be taken; empty: it can.
    std::string refusal(const GroupCall& call) const;
    void hear(JobId from, const GroupCall& call);
    bool has_come_true(JobId from, const GroupCall& call) const;
    std::vector<GroupItem> items_of(const GroupCall& call) const;

    std::map<JobId, std::string> roles_;
    std::map<JobId, Latest> latest_;
    std::set<JobId> joined_;
    std::map<std::string, std::map<JobId, Data>, std::less<>> messages_;  // by id and sender
    std::map<std::string, std::set<JobId>, std::less<>> syncs_;           // who has come there
};

}  // namespace patchbay
