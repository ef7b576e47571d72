// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "jobs/actions/action.hpp"
#include "jobs/actions/bootloader/boot_values.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"

namespace patchbay {

/// bootloader-overlay: finds the block's commands, puts this job's files and addresses into them, and leaves them for
/// bootloader-commands.
class BootloaderOverlay : public Action {
public:
    explicit BootloaderOverlay(std::string name = "bootloader-overlay")
        : Action{std::move(name), "replace placeholders with job data"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override;

protected:
    Task<> run(JobContext& job, Deadline deadline) override;

    /// What a loader's own placeholders become, before all others.
    virtual std::vector<std::string> refine(JobContext& job, const JobBootValues& boot,
                                            std::vector<std::string> commands) {
        static_cast<void>(job);
        static_cast<void>(boot);
        return commands;
    }

private:
    void report_addresses(const JobBootValues& boot);
};

/// The value of one placeholder; empty: it has none.
std::string value_of(const JobBootValues& boot, std::string_view name);

}  // namespace patchbay
