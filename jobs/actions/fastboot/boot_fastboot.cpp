// SPDX-License-Identifier: Apache-2.0
// boot: {method: fastboot}: the board is told to start, by the sequence of its device file.
#include <algorithm>
#include <array>
#include <sstream>

#include "core/text.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/job_words.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

/// "Finished. Total time: 0.051s"
std::string line_with(const std::string& output, std::string_view word) {
    std::istringstream lines{output};
    for (std::string line; std::getline(lines, line);) {
        if (lower_case(line).find(word) != std::string::npos) return line;
    }
    return {};
}

/// One call whose output must tell that the board does it.
class FastbootOrder : public FastbootStep {
public:
    FastbootOrder(std::string action, std::string summary, std::vector<std::string> arguments, std::string sign)
        : FastbootStep{std::move(action), std::move(summary)},
          arguments_{std::move(arguments)},
          sign_{std::move(sign)} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override { co_await order(job, arguments_, {}, deadline); }

    Task<> order(JobContext& job, std::vector<std::string> arguments, std::string file, Deadline deadline) {
        const auto output = co_await fastboot(job, std::move(arguments), std::move(file), deadline);
        if (lower_case(output).find(sign_) == std::string::npos) {
            throw InfrastructureError{"Unable to " + name() + ": fastboot did not say '" + sign_ + "'"};
        }
        report("status", line_with(output, "finished"));
    }

private:
    std::vector<std::string> arguments_;
    std::string sign_;
};

/// The boot image is sent to the board, which starts it.
class BootFastboot final : public FastbootOrder {
public:
    BootFastboot() : FastbootOrder{"boot-fastboot", "boot the image with fastboot", {}, "booting"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto& images = job.state(ns()).images;
        const auto boot =
            std::find_if(images.begin(), images.end(), [](const DeployedImage& each) { return each.key == "boot"; });
        if (boot == images.end()) {
            throw JobError{"the device boots an image with fastboot, but no deploy of namespace '" + ns() +
                           "' has an image 'boot'"};
        }
        std::vector<std::string> arguments{"boot", boot->path.string()};
        co_await order(job, std::move(arguments), boot->path.string(), deadline);
    }
};

/// `commands` of the block: arguments for fastboot, one call each.
class FastbootCommands final : public FastbootStep {
public:
    FastbootCommands() : FastbootStep{"fastboot-boot-commands", "run fastboot commands of the job"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        for (const auto& command : commands()) {
            const auto words = job_words("commands", command);
            const bool trusted = job.settings.trusted_jobs || block().parameters.contains("docker");
            if (!words.empty() && (trusted || names_no_file(words))) continue;
            errors.push_back("fastboot command '" + command +
                             "' is not for jobs: it has options or too many words, or may name files of this host; "
                             "flash images by a deploy, or give "
                             "the boot a 'docker'");
        }
        co_await FastbootStep::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        for (const auto& command : commands()) {
            co_await fastboot(job, job_words("commands", command), {}, deadline);
        }
    }

private:
    /// `flash`, `update`, `stage` and others read and write files of whoever runs them, options too. fastboot takes
    /// words that are left over for the next command, so each may have as many as it uses; `oem` and `flashing` use
    /// all.
    static bool names_no_file(const std::vector<std::string>& words) {
        struct Known {
            std::string_view name;
            std::size_t least, most;
        };
        constexpr std::size_t any = 1000;
        constexpr std::array<Known, 9> known{{{"erase", 2, 2},
                                              {"getvar", 2, 2},
                                              {"set_active", 2, 2},
                                              {"format", 2, 2},
                                              {"continue", 1, 1},
                                              {"reboot-bootloader", 1, 1},
                                              {"reboot", 1, 2},
                                              {"oem", 1, any},
                                              {"flashing", 1, any}}};
        const auto is_option = [](const std::string& word) { return word.starts_with('-'); };
        if (std::any_of(words.begin(), words.end(), is_option)) return false;
        const auto name = words.front().starts_with("format:") ? std::string{"format"} : words.front();
        return std::any_of(known.begin(), known.end(), [&](const Known& each) {
            return each.name == name && words.size() >= each.least && words.size() <= each.most;
        });
    }

    std::vector<std::string> commands() const {
        std::vector<std::string> texts;
        const auto* value = block().parameters.find("commands");
        if (value && value->as_list()) {
            for (const auto& each : *value->as_list()) texts.push_back(config::python_str(each));
        }
        return texts;
    }
};

class FastbootBoot final : public RetryAction {
public:
    FastbootBoot() : RetryAction{"fastboot-boot", "fastboot boot into the system"} {}
};

std::vector<std::string> sequence_of(const JobContext& job) {
    std::vector<std::string> entries;
    const auto* value = job.description.boot_methods.find("fastboot");
    if (value && value->as_list()) {
        for (const auto& entry : *value->as_list()) entries.push_back(config::python_str(entry));
    }
    return entries;
}

void add_entry_of_sequence(Action& boot, const std::string& entry, const JobContext& job) {
    if (entry == "boot" || entry == "no-flash-boot") {
        boot.add(make_wait_fastboot(job));
        boot.add<BootFastboot>();
    } else if (entry == "reboot") {
        boot.add(make_wait_fastboot(job));
        boot.add(make_fastboot_reboot("fastboot-reboot"));
    } else if (entry == "auto-login") {
        boot.add(make_auto_login());
    } else if (entry == "overlay-unpack") {
        boot.add(make_overlay_unpack());
    } else if (entry == "shell-session") {
        boot.add(make_expect_shell());
    } else if (entry == "export-env") {
        boot.add(make_export_device_env());
    } else {
        throw ConfigurationError{"device " + job.description.name + ": boot.methods.fastboot has the unknown step '" +
                                 entry +
                                 "'; use boot, reboot, no-flash-boot, auto-login, overlay-unpack, shell-session, "
                                 "export-env"};
    }
}

}  // namespace

ActionPtr make_fastboot_reboot(std::string action) {
    std::vector<std::string> arguments;
    if (action == "fastboot-reboot") arguments = {"reboot"};
    if (action == "fastboot-reboot-bootloader") arguments = {"reboot-bootloader"};
    if (action == "fastboot-reboot-fastboot") arguments = {"reboot", "fastboot"};
    if (arguments.empty()) {
        throw JobError{"unknown reboot '" + action +
                       "'; use hard-reset, fastboot-reboot, fastboot-reboot-bootloader or fastboot-reboot-fastboot"};
    }
    return std::make_unique<FastbootOrder>(std::move(action), "reboot the board with fastboot", std::move(arguments),
                                           "rebooting");
}

ActionPtr build_boot_fastboot(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<FastbootBoot>();
    const bool resets = is_resettable(job);
    const bool detects = device_flag(job, "fastboot_auto_detection");
    if (const auto* commands = block.parameters.find("commands"); commands && commands->as_list()) {
        boot->add<FastbootCommands>();
    }
    if (device_flag(job, "fastboot_via_uboot")) {
        boot->add(make_connect_device());
        boot->add(make_uboot_enter_fastboot(job));
    } else if (resets) {
        boot->add(make_connect_device());
        boot->add(make_reset_device(job));
    } else {
        boot->add(make_wait_fastboot(job));
        boot->add(make_enter_fastboot());
    }
    if (detects) boot->add(make_detect_fastboot());
    for (const auto& entry : sequence_of(job)) add_entry_of_sequence(*boot, entry, job);
    if (resets) {
        boot->add(make_device_command("pre-os-command", "pre_os_command", "Unable to run pre-os: ", IfMissing::skip));
        add_boot_tail(*boot, block, job);
    } else if (!block.parameters.contains("docker")) {
        boot->add(make_connect_adb());
        boot->add(make_adb_overlay_unpack());
    }
    return boot;
}

}  // namespace patchbay
