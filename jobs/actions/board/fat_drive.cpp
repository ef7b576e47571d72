// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/board/fat_drive.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

// A board takes half a second and more to come.
constexpr auto pause = 100ms;

constexpr std::string_view help =
    "does the board's drive hold a FAT file system with room for it, and may the runner write to its node?";

/// Counts the media that a drive has had (Linux 5.15).
std::string medium_number(const JobContext& job, dev_t device) {
    const auto name = std::to_string(major(device)) + ":" + std::to_string(minor(device));
    std::ifstream file{job.settings.host_root / "sys/dev/block" / name / "diskseq"};
    std::string number;
    std::getline(file, number);
    return number;
}

/// As udev writes the name of a file system into /dev/disk/by-label.
std::string as_udev_writes(std::string_view label) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#+-.:=@_";
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const char c : label) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80 || plain.find(c) != std::string_view::npos) {
            text += c;
        } else {
            text += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return text;
}

/// How many drives and partitions udev knows by this name. What it writes of each: /run/udev/data/b8:17.
std::size_t count_of(const std::filesystem::path& root, const std::string& label) {
    std::size_t count = 0;
    std::error_code unknown;  // without udev's notes there is the link alone
    for (const auto& entry : std::filesystem::directory_iterator{root / "run/udev/data", unknown}) {
        if (!entry.path().filename().string().starts_with('b')) continue;
        std::ifstream file{entry.path()};
        for (std::string line; std::getline(file, line);) count += line == "E:ID_FS_LABEL_ENC=" + label ? 1 : 0;
    }
    return count;
}

class Unmounted final : public Action {
public:
    explicit Unmounted(std::string action)
        : Action{std::move(action), "nothing: the drive is used without being mounted"} {}

protected:
    Task<> run(JobContext&, Deadline) override { co_return; }
};

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

FatDrive FatDrive::labelled(std::string_view label) {
    FatDrive drive{label.empty() ? std::string{} : "/dev/disk/by-label/" + as_udev_writes(label)};
    drive.label_ = as_udev_writes(label);
    return drive;
}

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
    // mtools drops what udev writes for a blank in a name, a backslash, so it gets the node that the link leads to.
    std::error_code gone;
    const auto place = std::filesystem::canonical(node(job), gone);
    Command command;
    command.argv = std::move(argv);
    command.argv.insert(command.argv.begin() + 1, {"-i", (gone ? node(job) : place).string()});
    // The drives of debug probes have sizes that no disk has.
    command.environment["MTOOLS_SKIP_CHECK"] = "1";
    return command;
}

void FatDrive::need_the_only_one(const JobContext& job) const {
    if (label_.empty() || count_of(job.settings.host_root, label_) < 2) return;
    throw InfrastructureError{"this host sees more than one drive with the name '" + label_ +
                              "', and one of them may be another board's, so nothing was written; give each board's "
                              "drive a name of its own, or name its node by 'usb_mass_device' (docs/host-programs.md)"};
}

Task<> FatDrive::copy(JobContext& job, std::filesystem::path file, Deadline deadline, std::string to) const {
    need_the_only_one(job);
    auto command = tool(job, {"mcopy", "-o", file.string(), "::/" + to});
    co_await run_program(job, std::move(command), deadline, std::string{help});
}

Task<> FatDrive::replace_all(JobContext& job, std::filesystem::path folder, Deadline deadline) const {
    need_the_only_one(job);
    auto list = tool(job, {"mdir", "-a", "-b", "::/"});
    std::istringstream lines{co_await run_program(job, std::move(list), deadline, std::string{help})};
    std::vector<std::string> remove{"mdeltree"}, add{"mcopy", "-s", "-o"};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("::/")) remove.push_back(line);
    }
    if (remove.size() > 1) {
        auto command = tool(job, std::move(remove));
        co_await run_program(job, std::move(command), deadline, std::string{help});
    }
    for (const auto& entry : std::filesystem::directory_iterator{folder}) add.push_back(entry.path().string());
    if (add.size() == 3) co_return;
    std::sort(add.begin() + 3, add.end());
    add.push_back("::/");
    auto command = tool(job, std::move(add));
    co_await run_program(job, std::move(command), deadline, std::string{help});
}

Task<std::optional<std::string>> FatDrive::refusal(JobContext& job, Deadline deadline) const {
    auto list = tool(job, {"mdir", "-b", "::/"});
    const auto names = co_await run_program(job, std::move(list), deadline, std::string{help});
    if (names.find("::/FAIL.TXT\n") == std::string::npos) co_return std::nullopt;
    auto read = tool(job, {"mtype", "::/FAIL.TXT"});
    auto text = co_await run_program(job, std::move(read), deadline, std::string{help});
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
    co_return text;
}

ActionPtr make_unmounted(std::string action) { return std::make_unique<Unmounted>(std::move(action)); }

ActionPtr make_wait_drive(std::string action, FatDrive drive) {
    return std::make_unique<WaitDrive>(std::move(action), std::move(drive));
}

}  // namespace patchbay
