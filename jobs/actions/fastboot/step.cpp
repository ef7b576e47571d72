// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

/// What switching off may take when the time of the step itself is used up.
constexpr auto off_time = 30s;

std::vector<std::string> options_of(const JobContext& job) {
    std::vector<std::string> options;
    const auto* value = job.description.rendered.find("fastboot_options");
    const auto* list = value ? value->as_list() : nullptr;
    if (!list) return options;
    for (const auto& option : *list) options.push_back(config::python_str(option));
    return options;
}

std::string serial_of(const JobContext& job, std::string_view key) {
    auto serial = device_value(job, key);
    return is_unset_serial(serial) ? std::string{} : serial;
}

}  // namespace

std::string fastboot_serial(const JobContext& job) {
    return job.fastboot_serial.empty() ? serial_of(job, "fastboot_serial_number") : job.fastboot_serial;
}

std::string adb_serial(const JobContext& job) { return serial_of(job, "adb_serial_number"); }

bool device_flag(const JobContext& job, std::string_view key) {
    const auto* value = job.description.rendered.find(key);
    return value && value->as_bool() && *value->as_bool();
}

ActionPtr make_wait_fastboot(const JobContext& job) {
    UsbWanted wanted;
    wanted.serial = fastboot_serial(job);
    return make_wait_usb("wait-device-boardid", std::move(wanted));
}

Task<> FastbootStep::validate(JobContext& job, std::vector<std::string>& errors) {
    // Each block says once what it lacks, however many steps it has.
    std::vector<std::string> found;
    if (read_container(block().parameters.find("docker"), found)) {
        need_containers(found);
        if (fastboot_serial(job).empty() && device_flag(job, "fastboot_auto_detection")) {
            found.push_back(
                "a container gets the board by its serial number, which 'fastboot_auto_detection' does not know yet; "
                "give the device its fastboot_serial_number, or the job no 'docker'");
        }
    } else {
        need_program("fastboot", "fastboot", found);
    }
    if (fastboot_serial(job).empty() && !device_flag(job, "fastboot_auto_detection")) {
        found.push_back("the device's fastboot_serial_number is unset; `fastboot devices` prints it");
    }
    for (auto& error : found) {
        if (std::find(errors.begin(), errors.end(), error) == errors.end()) errors.push_back(std::move(error));
    }
    co_return;
}

std::map<std::string, std::string> adb_environment(const JobContext& job) {
    return {{"ADB_SERVER_SOCKET", "localfilesystem:" + (job.directory / "adb").string()}};
}

Task<> stop_adb(JobContext& job) {
    const auto socket = job.directory / "adb";
    std::error_code failed;
    if (!std::filesystem::exists(socket, failed)) co_return;
    Command command;
    command.argv = {"adb", "kill-server"};
    command.environment = adb_environment(job);
    try {
        co_await run_logged(job, std::move(command), Deadline::in(10s));
    } catch (const std::exception& error) {
        job.log.warning("the server of adb may still run: " + std::string{error.what()});
    }
    std::filesystem::remove(socket, failed);
}

Task<> FastbootStep::timed_out(JobContext& job) {
    job.log.error("fastboot timing out, power-off the DuT");
    co_await switch_off(job, Deadline::in(off_time));
}

Task<std::string> FastbootStep::run_tool(JobContext& job, std::vector<std::string> argv, std::string folder,
                                         Deadline deadline) {
    std::vector<std::string> errors;
    auto image = read_container(block().parameters.find("docker"), errors);
    if (!image) {
        Command command;
        command.argv = std::move(argv);
        command.environment = adb_environment(job);
        co_return co_await run_program(job, std::move(command), deadline);
    }
    co_await fetch_image(job, *image, deadline);
    Container container{job, *image, level()};
    UsbWanted wanted;
    wanted.serial = fastboot_serial(job);
    if (const auto board = find_usb(job, wanted)) container.option("--device=" + board->node.string());
    if (!folder.empty()) container.mount(folder, Container::Access::read);
    auto output = co_await run_container(job, std::move(container), argv, deadline);
    if (output.exit_code != 0) throw InfrastructureError{not_run(argv, output.text)};
    co_return std::move(output.text);
}

Task<std::string> FastbootStep::fastboot(JobContext& job, std::vector<std::string> arguments, std::string folder,
                                         Deadline deadline) {
    std::vector<std::string> argv{"fastboot", "-s", fastboot_serial(job)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    const auto options = options_of(job);
    argv.insert(argv.end(), options.begin(), options.end());
    co_return co_await run_tool(job, std::move(argv), std::move(folder), deadline);
}

}  // namespace patchbay
