// SPDX-License-Identifier: Apache-2.0
// How a board comes into fastboot, and which one it is where the lab did not say.
#include <algorithm>
#include <sstream>

#include "core/text.hpp"

#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

/// The serial numbers in what `adb devices` or `fastboot devices` prints: "1bc92320\tfastboot".
std::vector<std::string> listed(const std::string& output) {
    std::vector<std::string> serials;
    std::istringstream lines{output};
    for (std::string line; std::getline(lines, line);) {
        const auto end = line.find_first_of("\t ");
        if (end == std::string::npos || end == 0) continue;
        const auto state = line.find_first_not_of("\t ", end);
        if (state == std::string::npos) continue;
        const auto word = line.substr(state);
        if (word.starts_with("fastboot") || word.starts_with("device") || word.starts_with("recovery")) {
            serials.push_back(line.substr(0, end));
        }
    }
    return serials;
}

bool has(const std::vector<std::string>& serials, const std::string& serial) {
    return std::find(serials.begin(), serials.end(), serial) != serials.end();
}

/// Android's system is told to go there; a board that is there already starts its boot loader anew.
class EnterFastboot final : public FastbootStep {
public:
    EnterFastboot() : FastbootStep{"enter-fastboot-action", "enter fastboot"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (is_absent(job)) co_return;
        co_await FastbootStep::validate(job, errors);
        if (!block().parameters.contains("docker")) need_program("adb", "adb", errors);
        if (adb_serial(job).empty() && !device_flag(job, "fastboot_auto_detection")) {
            errors.push_back("the device's adb_serial_number is unset; `adb devices` prints it");
        }
    }

    Task<> cleanup(JobContext& job) override { co_await stop_adb(job); }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        if (is_absent(job)) {
            job.log.debug("this device has no fastboot");
            co_return;
        }
        co_await adb(job, {}, "start-server", deadline);
        const auto running = co_await adb(job, {}, "devices", deadline);
        if (has(listed(running), adb_serial(job))) {
            co_await adb(job, adb_serial(job), "reboot-bootloader", deadline);
            report("status", "success");
            co_return;
        }
        std::vector<std::string> list{"fastboot", "devices"};
        const auto waiting = co_await run_tool(job, std::move(list), {}, deadline);
        if (has(listed(waiting), fastboot_serial(job))) {
            std::vector<std::string> reboot{"reboot-bootloader"};
            const auto output = co_await fastboot(job, std::move(reboot), {}, deadline);
            if (lower_case(output).find("okay") == std::string::npos) {
                throw InfrastructureError{"Unable to enter fastboot: the board did not say OKAY"};
            }
        }
        report("status", "success");
    }

private:
    /// deploy: {to: download} has this step also for devices that know no fastboot.
    static bool is_absent(const JobContext& job) {
        return !job.description.rendered.contains("fastboot_serial_number") &&
               !device_flag(job, "fastboot_auto_detection");
    }

    Task<std::string> adb(JobContext& job, std::string serial, std::string what, Deadline deadline) {
        std::vector<std::string> argv{"adb"};
        if (!serial.empty()) argv.insert(argv.end(), {"-s", serial});
        argv.push_back(std::move(what));
        co_return co_await run_tool(job, std::move(argv), {}, deadline);
    }
};

/// The lab has one board in fastboot at a time, and did not write down its serial number.
class DetectFastboot final : public FastbootStep {
public:
    DetectFastboot() : FastbootStep{"detect-fastboot-device", "find the board in fastboot"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        constexpr int tries = 10;
        for (int i = 0; i < tries; ++i) {
            co_await sleep_for(3s);
            std::vector<std::string> list{"fastboot", "devices"};
            const auto output = co_await run_tool(job, std::move(list), {}, deadline);
            const auto serials = listed(output);
            if (serials.size() > 1) {
                throw InfrastructureError{"More than one board is in fastboot: " + python_list(serials) +
                                          "; give the device its fastboot_serial_number"};
            }
            if (serials.empty()) continue;
            job.fastboot_serial = serials.front();
            job.log.info("found the board " + serials.front() + " in fastboot");
            report("fastboot_serial_number", serials.front());
            co_return;
        }
        throw InfrastructureError{"No board is in fastboot; is its USB cable plugged in?"};
    }
};

}  // namespace

ActionPtr make_enter_fastboot() { return std::make_unique<EnterFastboot>(); }
ActionPtr make_detect_fastboot() { return std::make_unique<DetectFastboot>(); }

}  // namespace patchbay
