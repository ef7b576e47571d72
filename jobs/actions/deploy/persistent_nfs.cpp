// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/persistent_nfs.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "core/process/capabilities.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/download/interruptible.hpp"
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
    auto mount = command_of({"mount", "-t", "nfs", "-o", "nolock", address, folder.string()});
    const auto result = co_await run_logged(job, std::move(mount), deadline);
    if (result.exit_code != 0) throw JobError{"Unable to mount the persistent NFS '" + address + "'"};
    auto work = [tree = std::move(tree), folder](const StopFlag& stop) {
        write_into_root(*tree, folder, stop);
        return true;
    };
    co_await interruptible(job.workers, std::move(work));
}

bool is_mounted(const fs::path& folder) {
    struct stat inside {
    }, outside{};
    const bool known = ::stat(folder.c_str(), &inside) == 0 && ::stat(folder.parent_path().c_str(), &outside) == 0;
    return !known || inside.st_dev != outside.st_dev;
}

Task<> unmount(JobContext& job, fs::path folder) {
    if (is_mounted(folder)) {
        auto command = command_of({"umount", folder.string()});
        const auto result = co_await run_logged(job, std::move(command), Deadline::in(std::chrono::seconds{30}));
        if (result.exit_code != 0)
            throw InfrastructureError{"cannot unmount '" + folder.string() + "'; unmount it by hand"};
    }
    std::error_code ignored;
    fs::remove(folder, ignored);  // one folder, never what is in it
}

}  // namespace

void check_can_mount(std::vector<std::string>& errors) {
    if (has_capabilities({CAP_SYS_ADMIN})) return;
    errors.push_back(
        "the overlay cannot be put into 'persistent_nfs': the runner may not mount file systems here; use "
        "'install_overlay: false' with boot's 'transfer_overlay', or an nfsrootfs");
}

Task<> write_into_persistent_nfs(JobContext& job, std::shared_ptr<const OverlayTree> tree, std::string address,
                                 Deadline deadline) {
    // Not in a folder of the job's: those are removed with all that is in them, whatever happens.
    const auto folder = job.settings.state_dir / ("persistent-nfs-" + job.id);
    fs::create_directories(folder);
    co_await and_finally(mount_and_write(job, std::move(tree), std::move(address), folder, deadline),
                         unmount(job, folder));
}

}  // namespace patchbay
