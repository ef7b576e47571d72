// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/not_available.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace patchbay {
namespace {

struct Missing {
    std::string_view name;
    std::string_view instead;
};

constexpr std::array deploys{
    Missing{"avh", "boot a QEMU machine or a model (fvp) instead"},
    Missing{"lxc", "run the programs in a container: `docker` of the deploy, boot or test"},
};

constexpr std::array boots{
    Missing{"avh", "boot a QEMU machine or a model (fvp) instead"},
    Missing{"lxc", "run the programs in a container: the boot method docker"},
    Missing{"nodebooter", "boot a container with the method docker"},
    Missing{"schroot", "boot the device, and change the root in the test itself"},
};

std::string sentence(std::string_view kind, std::span<const Missing> table, std::string_view name) {
    const auto found = std::ranges::find(table, name, &Missing::name);
    if (found == table.end()) return {};
    return "the " + std::string{kind} + " method '" + std::string{name} + "' is not available here; " +
           std::string{found->instead};
}

}  // namespace

std::string missing_deploy_method(std::string_view to) { return sentence("deploy", deploys, to); }
std::string missing_boot_method(std::string_view method) { return sentence("boot", boots, method); }

}  // namespace patchbay
