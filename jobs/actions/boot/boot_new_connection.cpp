// SPDX-License-Identifier: Apache-2.0
// boot: {method: new_connection}: a further console of a device that runs (lava_dispatcher/actions/boot/secondary.py).
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class SecondaryShell final : public RetryAction {
public:
    SecondaryShell(const ActionBlock& block, const JobContext& job)
        : RetryAction{"secondary-shell-action", "connect to a specified second shell"} {
        add(make_connect_shell());
        add_boot_tail(*this, block, job, Booting::runs_already);
    }
};

}  // namespace

ActionPtr build_boot_new_connection(const ActionBlock& block, const JobContext& job) {
    return std::make_unique<SecondaryShell>(block, job);
}

}  // namespace patchbay
