// SPDX-License-Identifier: Apache-2.0
// Which deploy methods there are, and what each needs of the device.
#include <array>

#include "jobs/actions/bootloader/uboot_ums.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/machine_deploy.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/not_available.hpp"
#include "jobs/actions/qdl/qdl.hpp"
#include "jobs/actions/usb_drives.hpp"
#include "jobs/actions/uuu/uuu.hpp"

namespace patchbay {
namespace {

struct DeployMethod {
    std::string_view to;
    std::string_view device_method;  ///< a key of the device's actions.deploy.methods; empty: any device may
    ActionPtr (*build)(const ActionBlock&, const JobContext&);
};

/// The most common first.
constexpr std::array methods{
    DeployMethod{"tftp", "tftp", build_deploy_tftp},
    DeployMethod{"tmpfs", "image", build_deploy_tmpfs},
    DeployMethod{"downloads", "", build_deploy_downloads},
    DeployMethod{"nfs", "nfs", build_deploy_nfs},
    DeployMethod{"nbd", "nbd", build_deploy_nbd},
    DeployMethod{"overlay", "overlay", build_deploy_overlay},
    DeployMethod{"ssh", "ssh", build_deploy_ssh},
    DeployMethod{"usb", "", build_deploy_storage},
    DeployMethod{"sata", "", build_deploy_storage},
    DeployMethod{"sd", "", build_deploy_storage},
    DeployMethod{"fastboot", "fastboot", build_deploy_fastboot},
    DeployMethod{"download", "", build_deploy_download},
    DeployMethod{"flasher", "flasher", build_deploy_flasher},
    DeployMethod{"recovery", "recovery", build_deploy_recovery},
    DeployMethod{"docker", "docker", build_deploy_docker},
    DeployMethod{"fvp", "fvp", build_deploy_fvp},
    DeployMethod{"qdl", "qdl", build_deploy_qdl},
    DeployMethod{"uuu", "", build_deploy_uuu},
    DeployMethod{"musca", "musca", build_deploy_musca},
    DeployMethod{"iso-installer", "image", build_deploy_iso},
    DeployMethod{"u-boot-ums", "u-boot-ums", build_deploy_uboot_ums},
    DeployMethod{"vemsd", "vemsd", build_deploy_vemsd},
    DeployMethod{"mps", "mps", build_deploy_mps},
    DeployMethod{"usbg-ms", "usbg-ms", build_deploy_usbg_ms},
};

}  // namespace

ActionPtr build_deploy(const ActionBlock& block, const JobContext& job) {
    const auto* value = block.parameters.find("to");
    const auto* to = value ? value->as_string() : nullptr;
    if (const auto missing = to ? missing_deploy_method(*to) : ""; !missing.empty()) throw JobError{missing};
    std::vector<std::string> reasons, of_the_method;
    for (const auto& candidate : methods) {
        const std::string name{candidate.to};
        if (!to || *to != candidate.to) {
            reasons.push_back(name + ": \"to\" parameter is not \"" + name + "\"");
        } else if (!candidate.device_method.empty() &&
                   !job.description.deploy_methods.contains(candidate.device_method)) {
            of_the_method.push_back(name + ": '" + std::string{candidate.device_method} +
                                    "' is not in the device's deploy methods");
        } else {
            return candidate.build(block, job);
        }
    }
    if (!of_the_method.empty()) reasons = std::move(of_the_method);  // the others are no answer to what was asked
    throw_no_strategy("deploy", reasons);
}

}  // namespace patchbay
