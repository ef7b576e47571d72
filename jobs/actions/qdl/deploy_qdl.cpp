// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/qdl/qdl.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

DeployedImage& archive_of(JobContext& job, const std::string& ns) {
    auto& images = job.state(ns).images;
    const auto found =
        std::find_if(images.begin(), images.end(), [](const DeployedImage& image) { return image.key == qdl_folder; });
    if (found == images.end()) throw LavaBug{"qcomflash was not downloaded"};
    return *found;
}

/// The root file system among the files; the tests' overlay goes into it before it is written.
class ApplyOverlayQdl final : public Action {
public:
    ApplyOverlayQdl() : Action{"apply-overlay-qdl", "put the overlay into the root file system"} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (!stays_inside(rootfs())) errors.push_back("rootfs_image '" + rootfs() + "' must be a file of the archive");
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto& state = job.state(ns());
        if (rootfs().empty()) {
            job.log.warning("rootfs_image is empty: the overlay is not applied");
            co_return;
        }
        const auto image = in_archive(archive_of(job, ns()).path, rootfs());
        if (!fs::is_regular_file(image)) throw JobError{"the archive has no file '" + rootfs() + "'"};
        auto tree = state.overlay->tree();
        const auto scratch = job.directory / ("apply-overlay-qdl-" + level());
        fs::create_directories(scratch);
        co_await write_into_ext4(job.workers, image, 0, std::move(tree), scratch, deadline);
        state.overlay_applied = true;
    }

private:
    std::string rootfs() const {
        const auto* value = block().parameters.find("rootfs_image");
        return value ? config::text_or_empty(value) : "rootfs.img";
    }
};

class QdlDeploy final : public Action {
public:
    QdlDeploy() : Action{"qdl-deploy", "download and unpack what qdl writes"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = config::string_or_empty(block().parameters.find("os"));
        co_await Action::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        for (const auto& child : children()) {
            co_await child->execute(job, deadline);
            if (child->name() == "download-retry") co_await unpack_archive(job);
        }
    }

private:
    Task<> unpack_archive(JobContext& job) {
        auto& archive = archive_of(job, ns());
        if (fs::is_directory(archive.path)) co_return;  // by `archive: tar`
        const auto folder = archive.path.parent_path() / "unpacked";
        UnpackOptions options;
        options.shown = "qcomflash";
        co_await unpack(job, archive.path, folder, std::move(options));
        archive_of(job, ns()).path = folder;
    }
};

}  // namespace

ActionPtr build_deploy_qdl(const ActionBlock& block, const JobContext& job) {
    const auto* archive = block.parameters.find(qdl_folder);
    if (!archive || !archive->as_map()) throw JobError{"deploy to qdl needs 'qcomflash', the url of an archive"};
    auto deploy = std::make_unique<QdlDeploy>();
    const bool overlay = test_needs(job.definition, block.name_space).overlay;
    if (overlay) deploy->add(make_lava_overlay(block, job));
    deploy->add(make_tool_image(qdl_folder, *archive, "qdl-deploy"));
    const auto* applies = archive->find("apply-overlay");
    if (overlay && applies && applies->as_bool() && *applies->as_bool()) deploy->add<ApplyOverlayQdl>();
    return deploy;
}

}  // namespace patchbay
