// SPDX-License-Identifier: Apache-2.0
// A root that the board mounts over NFS: unpacked for this job, or one that the lab keeps
// (lava_dispatcher/actions/deploy/apply_overlay.py).
#include <sys/stat.h>

#include "core/process/remove_tree.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/persistent_nfs.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/download/interruptible.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// What the board's system will miss, for whoever wonders why sudo fails there.
void warn_of_losses(JobContext& job, const UnpackReport& report) {
    if (report.complete()) return;
    std::string lost;
    const auto add = [&lost](std::uint64_t count, const std::string& what) {
        if (count > 0) lost += (lost.empty() ? "" : ", ") + std::to_string(count) + " " + what;
    };
    add(report.owners, "owners or setuid bits");
    add(report.devices, "device nodes");
    add(report.attributes, "extended attributes (" + report.first_attribute + ")");
    job.log.warning("the NFS root is not as its archive has it, since this process may not set everything: lost are " +
                    lost + "; docs/boards-over-network.md says which capabilities the runner needs");
}

class ExtractNfsRootfs final : public Action {
public:
    ExtractNfsRootfs(const std::string& name, BoardDeployPtr board)
        : Action{name, "unpack the root that the board mounts"}, board_{std::move(board)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (board_->nfsrootfs.given) need_host_address(job, HostService::nfs, errors);
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        if (!board_->nfsrootfs.given) co_return;
        if (board_->nfsrootfs_file.empty()) throw LavaBug{"extract-nfsrootfs before nfsrootfs was downloaded"};
        const auto folder = co_await make_folder(job);
        job.log.debug("Extracting " + board_->nfsrootfs_file.string() + " to " + folder.string());
        UnpackOptions options;
        options.shown = board_->nfsrootfs_url;
        options.compression = board_->nfsrootfs_compression;
        options.keep = Keep::root_file_system;
        const auto report = co_await unpack(job, board_->nfsrootfs_file, folder, std::move(options));
        warn_of_losses(job, report);
        board_->nfs_root = folder;
        if (!board_->prefix.empty()) {
            job.log.warning("Adding '" + board_->prefix + "' prefix, any other content will not be visible.");
            board_->nfs_root = prefixed(folder);
        }
        auto& boot = job.state(ns()).boot;
        boot.nfs_server = host_address(job, HostService::nfs);
        boot.nfs_root = board_->nfs_root.string();
    }

private:
    /// Links of the archive may lead to another folder of it, and not out of it: what is below is written into.
    fs::path prefixed(const fs::path& folder) const {
        std::error_code error;
        const auto inner = fs::canonical(folder / board_->prefix, error);
        if (error || !fs::is_directory(inner)) {
            throw JobError{"'" + board_->nfsrootfs_url + "' holds no folder '" + board_->prefix + "'"};
        }
        const auto inside = inner.lexically_relative(fs::canonical(folder));
        if (*inside.begin() == "..") {
            throw JobError{"the prefix '" + board_->prefix + "' of '" + board_->nfsrootfs_url +
                           "' is a symbolic link that leads out of the archive; name a folder in it"};
        }
        return inside == "." ? folder : folder / inside;
    }

    /// Where setuid programs of a job's may be made, only root and the NFS server get in.
    Task<fs::path> make_folder(JobContext& job) const {
        const auto closed = job.nfs_directory() / (name() + "-" + level());
        auto earlier_try = [closed](const StopFlag&) { return remove_tree(closed); };
        const auto problem = co_await interruptible(job.workers, std::move(earlier_try));
        if (!problem.empty()) throw InfrastructureError{problem};
        std::error_code error;
        fs::create_directories(closed / "root", error);
        if (!error && may_set_owners()) fs::permissions(closed, fs::perms::owner_all, error);
        if (error) {
            throw InfrastructureError{"cannot make the folder '" + closed.string() +
                                      "' for an NFS root: " + error.message() + "; is 'nfs_root' in lab.yaml right?"};
        }
        co_return closed / "root";
    }

    BoardDeployPtr board_;
};

class ParsePersistentNfs final : public Action {
public:
    explicit ParsePersistentNfs(BoardDeployPtr board)
        : Action{"parse-persistent-nfs", "a root that the lab's NFS server keeps"}, board_{std::move(board)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (!board_->persistent_nfs.given) co_return;
        if (!is_nfs_address(board_->nfs_address)) {
            errors.push_back("Invalid address '" + board_->nfs_address +
                             "' of persistent_nfs; it must be 'host:/path'");
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline) override {
        if (!board_->persistent_nfs.given) co_return;
        const auto colon = board_->nfs_address.find(":/");
        auto& boot = job.state(ns()).boot;
        boot.nfs_server = board_->nfs_address.substr(0, colon);
        boot.nfs_root = board_->nfs_address.substr(colon + 1);
    }

private:
    BoardDeployPtr board_;
};

}  // namespace

ActionPtr make_extract_nfsrootfs(BoardDeployPtr board, const std::string& name) {
    return std::make_unique<ExtractNfsRootfs>(name, std::move(board));
}
ActionPtr make_parse_persistent_nfs(BoardDeployPtr board) {
    return std::make_unique<ParsePersistentNfs>(std::move(board));
}

}  // namespace patchbay
