// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the `os` of a deploy says about the target (lava_dispatcher/deployment_data.py).

#include <string_view>

namespace patchbay {

struct DeploymentData {
    std::string_view os;
    std::string_view distro;       ///< chooses the scripts; may differ from os (debian_installer: debian)
    std::string_view shell;        ///< lava_test_sh_cmd
    std::string_view results_dir;  ///< "/lava-%s", %s is the job's id
    std::string_view rc_file;      ///< "" for none
};

/// nullptr for an unknown os: the device's constants apply.
const DeploymentData* deployment_data(std::string_view os);

}  // namespace patchbay
