// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "drivers/context.hpp"

namespace patchbay {

struct KvmProbe {
    // Written out: GCC 12 destroys an aggregate twice that is a default argument in a co_await expression.
    KvmProbe() {}

    std::filesystem::path device = "/dev/kvm";
    /// Working KVM needs 0.1 to 0.3 s, TCG 0.1 s.
    Clock::duration patience = std::chrono::seconds{3};
};

/// Does KVM really run a guest of this program here? /dev/kvm can be opened on machines where guests then hang (nested
/// virtualization switched off half-way), so a tiny guest has to run and say so within `patience`. Foreign
/// architectures, and those without such a guest: no, without a try.
/// The verdict is remembered until the machine, the program or /dev/kvm changes. When TCG could not run that guest in
/// time either, the machine is too busy to tell: then it is no for a minute. Of processes that ask at the same time one
/// tries, the others wait for it.
/// Cancellation: safe, the guest is gone, nothing is remembered.
Task<bool> kvm_works(std::string program_path, std::string architecture, DriverContext context, KvmProbe probe = {});

/// Runs the tiny guest with this accelerator; false when it does not end as it should within `patience`.
Task<bool> probe_guest_runs(std::string program_path, std::string architecture, std::string accelerator,
                            Clock::duration patience);

}  // namespace patchbay
