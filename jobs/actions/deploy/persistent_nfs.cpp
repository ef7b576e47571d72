// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/persistent_nfs.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/process/capabilities.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/download/request.hpp"
#include "jobs/overlay/root_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

Command command_of(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    return command;
}

Task<> mount_and_write(JobContext& job, std::shared_ptr<const OverlayTree> tree, std::string address, fs::path folder,
                       Deadline deadline) {
    // Nothing of the export is trusted, and a server that is silent gives an error after some seconds.
    constexpr auto options = "nolock,soft,timeo=50,retrans=2,nosuid,nodev,noexec";
    auto mount = command_of({"mount", "-t", "nfs", "-o", options, address, folder.string()});
    const auto result = co_await run_logged(job, std::move(mount), deadline);
    if (result.exit_code != 0) throw JobError{"Unable to mount the persistent NFS '" + address + "'"};
    auto work = [tree = std::move(tree), folder](const StopFlag& stop) {
        write_into_root(*tree, folder, stop);
        return true;
    };
    co_await interruptible(job.workers, std::move(work));
}

/// The kernel's list, and not the folder: a server that is silent would be waited for.
bool is_mounted(const fs::path& folder) {
    std::string path;
    for (const char c : folder.string())
        path += c == ' ' ? std::string{"\\040"} : std::string{c};  // as the list has it
    std::ifstream list{"/proc/self/mounts"};
    for (std::string line; std::getline(list, line);) {
        if (line.find(" " + path + " ") != std::string::npos) return true;
    }
    return false;
}

Task<> unmount(JobContext& job, fs::path folder) {
    if (is_mounted(folder)) {
        auto command = command_of({"umount", "-f", "-l", folder.string()});
        const auto result = co_await run_logged(job, std::move(command), Deadline::in(std::chrono::seconds{30}));
        if (result.exit_code != 0)
            throw InfrastructureError{"cannot unmount '" + folder.string() + "'; unmount it by hand"};
    }
    std::error_code ignored;
    fs::remove(folder, ignored);  // one folder, never what is in it
}

}  // namespace

bool is_nfs_address(const std::string& address) {
    const auto colon = address.find(":/");
    return colon != std::string::npos && colon != 0 && address.front() != '-' &&
           address.find_first_of(" \t\n'\"") == std::string::npos;
}

void check_can_mount(std::vector<std::string>& errors) {
    if (::geteuid() == 0 && has_capabilities({CAP_SYS_ADMIN})) return;
    errors.push_back(
        "the overlay cannot be put into 'persistent_nfs': only a runner that is root may mount file systems; use "
        "'install_overlay: false' with boot's 'transfer_overlay', or an nfsrootfs");
}

Task<> check_nfs_server(const JobContext& job, std::string address) {
    auto host = address.substr(0, address.find(":/"));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    co_await check_host(job.settings.addresses, std::move(address), std::move(host));
}

Task<> write_into_persistent_nfs(JobContext& job, std::shared_ptr<const OverlayTree> tree, std::string address,
                                 Deadline deadline) {
    co_await check_nfs_server(job, address);  // again: a name may lead elsewhere by now
    // Not in a folder of the job's: those are removed with all that is in them, whatever happens.
    fs::create_directories(job.settings.state_dir);
    const auto folder =
        fs::canonical(job.settings.state_dir) / ("persistent-nfs-" + job.id);  // as the kernel's list has it
    fs::create_directory(folder);
    co_await and_finally(mount_and_write(job, std::move(tree), std::move(address), folder, deadline),
                         unmount(job, folder));
}

}  // namespace patchbay
