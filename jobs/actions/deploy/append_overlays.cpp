// SPDX-License-Identifier: Apache-2.0
// `overlays` of an image: the test overlay and fetched files go into it, without unpacking it.
#include <functional>

#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/download/request.hpp"
#include "jobs/overlay/android_sparse.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

class AppendOverlays final : public Action {
public:
    explicit AppendOverlays(AppendPlan plan)
        : Action{plan.action, "append overlays to an image"}, plan_{std::move(plan)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (plan_.format != "cpio.newc" && plan_.format != "ext4" && plan_.format != "tar") {
            errors.push_back("Unsupported image format '" + plan_.format + "' for overlays of '" + plan_.key +
                             "'; use cpio.newc, ext4 or tar");
        }
        if (plan_.sparse && plan_.format != "ext4") {
            errors.push_back("'" + plan_.key + "' cannot be sparse: only images of format ext4 are");
        }
        for (const auto& extra : plan_.extra) {
            if (!is_file_name(extra->name)) {  // it names a folder of this host
                errors.push_back("Invalid name '" + extra->name + "' of an overlay of '" + plan_.key +
                                 "'; use letters, digits, '-' and '_'");
            }
            const bool absolute = !extra->path.empty() && extra->path[0] == '/';
            if (!absolute || extra->path.find("..") != std::string::npos) {
                errors.push_back("Invalid path '" + extra->path + "' of overlay '" + extra->name +
                                 "': it must begin with / and hold no ..");
            }
            if (extra->format != "tar" && extra->format != "file") {
                errors.push_back("Unsupported format '" + extra->format + "' of overlay '" + extra->name +
                                 "'; use tar or file");
            }
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto& state = job.state(ns());
        const auto image = *plan_.image;
        if (image.empty()) throw LavaBug{"append-overlays before '" + plan_.key + "' was downloaded"};
        job.log.info("Modifying '" + image.string() + "'");
        job.log.debug("Overlays:");
        const auto folder = job.directory / ("append-overlays-" + level());
        std::filesystem::create_directories(folder);
        if (plan_.sparse) {
            Conversion expand = [limits = job.settings.unpack_limit](const fs::path& from, const fs::path& to,
                                                                     const StopFlag& stop) {
                UnpackLimits bounds;
                bounds.bytes = limits;
                expand_sparse(from, to, bounds, stop);
            };
            co_await convert(job, image, std::move(expand));
        }
        if (plan_.lava && state.overlay) {
            job.log.debug("- " + plan_.key + ".lava: the test overlay");
            auto tree = state.overlay->tree();
            co_await put(job, image, std::move(tree), folder / "lava", deadline);
        }
        for (const auto& extra : plan_.extra) {
            job.log.debug("- " + plan_.key + "." + extra->name + ": '" + extra->file.string() + "' to '" + extra->path +
                          "'");
            auto tree = co_await read(job, extra, folder / extra->name);
            co_await put(job, image, std::move(tree), folder / (extra->name + "-scratch"), deadline);
        }
        if (plan_.sparse) {
            Conversion back = make_sparse;
            co_await convert(job, image, std::move(back));
        }
    }

private:
    using Conversion = std::function<void(const fs::path& from, const fs::path& to, const StopFlag& stop)>;

    /// The image in another form, in the place of the first.
    static Task<> convert(JobContext& job, fs::path image, Conversion conversion) {
        auto work = [image, conversion](const StopFlag& stop) {
            const fs::path converted{image.string() + ".converted"};
            conversion(image, converted, stop);
            fs::rename(converted, image);
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
    }

    static Task<OverlayTree> read(JobContext& job, std::shared_ptr<ExtraOverlay> extra, std::filesystem::path folder) {
        if (extra->format == "file") {
            OverlayTree tree;
            tree.add_host_file(extra->path, extra->file);
            co_return tree;
        }
        UnpackOptions options;
        options.shown = extra->url;
        co_await unpack(job, extra->file, folder, std::move(options));
        auto work = [path = extra->path, folder](const StopFlag& stop) {
            OverlayTree tree;
            tree.add_host_directory(path, folder, stop);
            return tree;
        };
        co_return co_await interruptible(job.workers, std::move(work));
    }

    Task<> put(JobContext& job, fs::path image, OverlayTree tree, fs::path scratch, Deadline deadline) {
        if (plan_.format == "ext4") {
            const auto offset = plan_.partition ? partition_offset(image, *plan_.partition) : 0;
            co_await write_into_ext4(job.workers, image, offset, std::move(tree), std::move(scratch), deadline);
            co_return;
        }
        auto work = [tar = plan_.format == "tar", compression = plan_.compression, image,
                     tree = std::move(tree)](const StopFlag& stop) {
            if (tar) {
                append_to_tar(image, tree, stop);
            } else {
                append_to_initramfs(image, tree, stop, compression);
            }
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
    }

    AppendPlan plan_;
};

}  // namespace

ActionPtr make_append_overlays(AppendPlan plan) { return std::make_unique<AppendOverlays>(std::move(plan)); }

}  // namespace patchbay
