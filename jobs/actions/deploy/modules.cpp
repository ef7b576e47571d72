// SPDX-License-Identifier: Apache-2.0
// extract-modules and apply-overlay-tftp: files into the NFS root and the ramdisk
// (lava_dispatcher/actions/deploy/apply_overlay.py).
#include "core/process/remove_tree.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/persistent_nfs.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "jobs/overlay/root_folder.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using SharedTree = std::shared_ptr<const OverlayTree>;

Task<> put_into_root(JobContext& job, SharedTree tree, fs::path root) {
    auto work = [tree = std::move(tree), root = std::move(root)](const StopFlag& stop) {
        write_into_root(*tree, root, stop);
        return true;
    };
    co_await interruptible(job.workers, std::move(work));
}

Task<> append_to_ramdisk(JobContext& job, SharedTree tree, fs::path ramdisk, std::string compression) {
    auto work = [tree = std::move(tree), ramdisk = std::move(ramdisk),
                 compression = std::move(compression)](const StopFlag& stop) {
        append_to_initramfs(ramdisk, *tree, stop, compression);
        return true;
    };
    co_await interruptible(job.workers, std::move(work));
}

class ExtractModules final : public Action {
public:
    explicit ExtractModules(BoardDeployPtr board)
        : Action{"extract-modules", "put the kernel's modules into ramdisk and NFS root"}, board_{std::move(board)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (!board_->modules || board_->ramdisk.given || board_->nfsrootfs.given) co_return;
        errors.push_back(
            "Unable to identify a location for the unpacked modules: 'modules' needs a ramdisk or nfsrootfs");
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        if (!board_->modules) co_return;
        const bool to_nfs = board_->nfsrootfs.given && board_->nfsrootfs.modules;
        const bool to_ramdisk = board_->ramdisk.given && board_->ramdisk.modules;
        if (board_->nfsrootfs.given && !to_nfs) job.log.info("Not adding modules to the NFS root.");
        if (board_->ramdisk.given && !to_ramdisk) job.log.info("Not adding modules to the ramdisk.");
        if (!to_nfs && !to_ramdisk) co_return;
        const auto scratch = job.directory / ("extract-modules-" + level());
        co_await and_finally(put(job, scratch, to_nfs, to_ramdisk), forget(job, scratch));
    }

private:
    Task<> put(JobContext& job, fs::path scratch, bool to_nfs, bool to_ramdisk) {
        UnpackOptions options;
        options.shown = board_->modules_url;
        options.compression = board_->modules_compression;
        co_await unpack(job, board_->modules_file, scratch, std::move(options));
        auto read = [scratch](const StopFlag& stop) {
            auto tree = std::make_shared<OverlayTree>();
            tree->add_host_directory("", scratch, stop);
            return SharedTree{std::move(tree)};
        };
        const auto tree = co_await interruptible(job.workers, std::move(read));
        if (to_nfs) {
            job.log.info("extracting modules file " + board_->modules_file.string() + " to " +
                         board_->nfs_root.string());
            co_await put_into_root(job, tree, board_->nfs_root);
        }
        if (to_ramdisk) {
            const auto ramdisk = job.state(ns()).boot.files.at("ramdisk");
            job.log.info("extracting modules file " + board_->modules_file.string() + " to " + ramdisk.string());
            co_await append_to_ramdisk(job, tree, ramdisk, board_->ramdisk_compression);
        }
    }

    /// What stays goes with the job's folder, or is told then.
    static Task<> forget(JobContext& job, fs::path scratch) {
        auto work = [scratch = std::move(scratch)](const StopFlag&) { return remove_tree(scratch); };
        co_await interruptible(job.workers, std::move(work));
    }

    BoardDeployPtr board_;
};

class ApplyOverlay final : public Action {
public:
    explicit ApplyOverlay(BoardDeployPtr board)
        : Action{"apply-overlay-tftp", "unpack the overlay into the nfsrootfs or ramdisk"}, board_{std::move(board)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto& nfs = board_->persistent_nfs;
        if (!nfs.given || !nfs.overlay || board_->overlay_in_image) co_return;
        check_can_mount(errors);
        if (!is_nfs_address(board_->nfs_address)) co_return;  // said where it is read
        co_await check_nfs_server(job, board_->nfs_address);
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto& state = job.state(ns());
        if (board_->overlay_in_image) {
            job.log.debug("Overlay already applied");
            co_return;
        }
        if (!state.overlay) {
            job.log.debug("[" + ns() + "] skipped " + name() + " - no overlay");
            co_return;
        }
        const SharedTree tree{state.overlay, &state.overlay->tree()};
        const auto skip = [&](const std::string& where) {
            job.log.info("[" + ns() + "] Skipping applying overlay to " + where);
        };
        if (board_->nfsrootfs.given) {
            if (!board_->nfsrootfs.overlay) co_return skip("NFS");
            job.log.info("[" + ns() + "] Applying overlay to NFS");
            co_await put_into_root(job, tree, board_->nfs_root);
        } else if (board_->persistent_nfs.given) {
            if (!board_->persistent_nfs.overlay) co_return skip("persistent NFS");
            job.log.info("[" + ns() + "] Applying overlay to persistent NFS");
            co_await write_into_persistent_nfs(job, tree, board_->nfs_address, deadline);
        } else if (board_->ramdisk.given) {
            if (!board_->ramdisk.overlay) co_return skip("ramdisk");
            job.log.info("[" + ns() + "] Applying overlay to ramdisk");
            const auto ramdisk = state.boot.files.at("ramdisk");
            co_await append_to_ramdisk(job, tree, ramdisk, board_->ramdisk_compression);
        } else {
            job.log.debug("[" + ns() + "] No overlay directory");
        }
    }

private:
    BoardDeployPtr board_;
};

}  // namespace

ActionPtr make_extract_modules(BoardDeployPtr board) { return std::make_unique<ExtractModules>(std::move(board)); }
ActionPtr make_apply_overlay(BoardDeployPtr board) { return std::make_unique<ApplyOverlay>(std::move(board)); }

}  // namespace patchbay
