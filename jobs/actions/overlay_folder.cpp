// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/overlay_folder.hpp"

#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {

Task<std::filesystem::path> write_overlay_folder(JobContext& job, const Overlay& overlay, std::string name) {
    const auto folder = job.directory / name;
    const std::filesystem::path archive{folder.string() + ".tar.gz"};
    auto pack = [tree = overlay.tree(), archive](const StopFlag& stop) {
        write_tar_gz(tree, archive, stop);
        return true;
    };
    co_await interruptible(job.workers, std::move(pack));
    UnpackOptions options;
    options.shown = "the overlay";
    co_await unpack(job, archive, folder, std::move(options));
    co_return folder;
}

}  // namespace patchbay
