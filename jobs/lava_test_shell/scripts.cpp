// SPDX-License-Identifier: Apache-2.0
#include "jobs/lava_test_shell/scripts.hpp"

#include "jobs/lava_test_shell/embedded.hpp"

namespace patchbay {
namespace {

std::vector<TargetScript> scripts_of(std::string_view folder) {
    std::vector<TargetScript> scripts;
    for (const auto& file : embedded_target_scripts()) {
        const auto slash = file.path.find('/');
        const auto parent = slash == std::string_view::npos ? std::string_view{} : file.path.substr(0, slash);
        if (parent == folder) scripts.push_back({file.path.substr(slash + 1), file.text});  // npos + 1 is 0
    }
    return scripts;
}

}  // namespace

std::vector<TargetScript> common_scripts() { return scripts_of(""); }

std::vector<TargetScript> multinode_scripts() { return scripts_of("multi_node"); }

std::vector<TargetScript> distro_scripts(std::string_view distro) {
    if (distro.empty()) return {};
    // Debian's derivatives use its tools.
    return scripts_of(distro == "ubuntu" || distro == "apertis" ? "debian" : distro);
}

}  // namespace patchbay
