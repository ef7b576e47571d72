// SPDX-License-Identifier: Apache-2.0
// Which boot methods there are, and what each needs of the device.
#include <array>

#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

struct BootMethod {
    std::string_view name;
    std::string_view of_device;  ///< which of the device's boot methods it needs
    ActionPtr (*build)(const ActionBlock&, const JobContext&);
};

constexpr std::array methods{
    BootMethod{"qemu", "qemu", build_boot_qemu},
    BootMethod{"monitor", "qemu", build_boot_qemu},
    BootMethod{"minimal", "minimal", build_boot_minimal},
};

}  // namespace

ActionPtr build_boot(const ActionBlock& block, const JobContext& job) {
    const auto* value = block.parameters.find("method");
    const auto* method = value ? value->as_string() : nullptr;
    std::vector<std::string> reasons;
    for (const auto& candidate : methods) {
        if (!method || *method != candidate.name) {
            reasons.push_back(std::string{candidate.name} + ": \"method\" was not \"" + std::string{candidate.name} +
                              "\"");
        } else if (!job.description.boot_methods.contains(candidate.of_device)) {
            reasons.push_back(std::string{candidate.name} + ": \"" + std::string{candidate.of_device} +
                              "\" is not in the device's boot methods");
        } else {
            return candidate.build(block, job);
        }
    }
    throw_no_strategy("boot", reasons);
}

void throw_no_strategy(std::string_view kind, const std::vector<std::string>& reasons) {
    std::string text =
        "None of the Base-" + std::string{kind} + " strategies accepted your deployment parameters, reasons given:";
    for (const auto& reason : reasons) text += "\n" + reason;
    throw JobError{text};
}

}  // namespace patchbay
