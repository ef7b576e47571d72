// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/board/fat_drive.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <fstream>

#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

// A board takes half a second and more to come.
constexpr auto pause = 100ms;

/// Counts the media that a drive has had (Linux 5.15).
std::string medium_number(const JobContext& job, dev_t device) {
    const auto name = std::to_string(major(device)) + ":" + std::to_string(minor(device));
    std::ifstream file{job.settings.host_root / "sys/dev/block" / name / "diskseq"};
    std::string number;
    std::getline(file, number);
    return number;
}

class WaitDrive final : public Action {
public:
    WaitDrive(std::string action, FatDrive drive)
        : Action{std::move(action), "wait for the drive of the board"}, drive_{std::move(drive)} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }
    Task<> run(JobContext& job, Deadline) override { co_await drive_.appear(job); }

private:
    FatDrive drive_;
};

}  // namespace

void FatDrive::validate(std::vector<std::string>& errors) const {
    need_program("mcopy", "mtools", errors);
    if (!path_.starts_with("/dev/")) {
        errors.push_back("the drive of the board is '" + path_ +
                         "' in the device's file, and must be the path of a node, such as "
                         "/dev/disk/by-id/usb-MBED_VFS_0240-0:0");
    }
}

std::filesystem::path FatDrive::node(const JobContext& job) const {
    return job.settings.host_root / std::filesystem::path{path_}.relative_path();
}

std::optional<std::string> FatDrive::mark(const JobContext& job) const {
    struct stat status {};
    if (::stat(node(job).c_str(), &status) != 0) return std::nullopt;
    return std::to_string(status.st_rdev) + " " + std::to_string(status.st_ino) + " " +
           medium_number(job, status.st_rdev);
}

Task<> FatDrive::appear(JobContext& job, std::optional<std::string> before) const {
    job.log.debug("Waiting for the drive " + path_ + (before ? " to come anew" : ""));
    job.log.flush();
    for (;;) {
        const auto now = mark(job);
        if (now && now != before) break;
        co_await sleep_for(pause);
    }
}

Command FatDrive::tool(const JobContext& job, std::vector<std::string> argv) const {
    Command command;
    command.argv = std::move(argv);
    command.argv.insert(command.argv.begin() + 1, {"-i", node(job).string()});
    // The drives of debug probes have sizes that no disk has.
    command.environment["MTOOLS_SKIP_CHECK"] = "1";
    return command;
}

Task<> FatDrive::copy(JobContext& job, std::filesystem::path file, Deadline deadline) const {
    auto command = tool(job, {"mcopy", "-o", file.string(), "::/"});
    co_await run_program(job, std::move(command), deadline);
}

Task<std::optional<std::string>> FatDrive::refusal(JobContext& job, Deadline deadline) const {
    auto list = tool(job, {"mdir", "-b", "::/"});
    const auto names = co_await run_program(job, std::move(list), deadline);
    if (names.find("::/FAIL.TXT\n") == std::string::npos) co_return std::nullopt;
    auto read = tool(job, {"mtype", "::/FAIL.TXT"});
    auto text = co_await run_program(job, std::move(read), deadline);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
    co_return text;
}

ActionPtr make_wait_drive(std::string action, FatDrive drive) {
    return std::make_unique<WaitDrive>(std::move(action), std::move(drive));
}

}  // namespace patchbay
