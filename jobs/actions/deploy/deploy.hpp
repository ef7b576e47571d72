// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deploy methods and the steps they share.

#include <memory>
#include <string>
#include <vector>

#include "jobs/actions/action.hpp"
#include "jobs/download/download.hpp"

namespace patchbay {

ActionPtr build_deploy_tmpfs(const ActionBlock& block, const JobContext& job);

/// lava-overlay with everything below it, for the tests of one namespace. The numbers are those of LAVA 2023.01, also
/// where a step has nothing to do here.
ActionPtr make_lava_overlay(const ActionBlock& block, const JobContext& job);

/// What becomes of a downloaded file.
enum class DownloadUse {
    image,    ///< an image of the namespace's machine, with its image_arg
    uefi,     ///< firmware
    overlay,  ///< something that append-overlays puts into an image
};

/// An overlay that is fetched and put into an image: `overlays: {modules: {url, format, path}}`.
struct ExtraOverlay {
    std::string name;
    std::string format;  ///< "tar" or "file"
    std::string path;    ///< where it goes in the image
    std::string url;
    std::filesystem::path file;  ///< set when it was downloaded
};

/// download-retry with the download below it; append-overlays last, where the map asks for overlays.
ActionPtr make_download(const std::string& key, const config::Value& map, DownloadUse use);

/// Does this download map want the test overlay in its image?
bool wants_lava_overlay(const config::Value& map);

/// append-overlays: `format` of the image, the test overlay if `lava`, then the fetched ones.
struct AppendPlan {
    std::string key;
    std::string format;  ///< cpio.newc, ext4, tar
    std::optional<unsigned> partition;
    bool sparse = false;  ///< of Android; only ext4
    bool lava = false;
    std::vector<std::shared_ptr<ExtraOverlay>> extra;
};
ActionPtr make_append_overlays(AppendPlan plan);

/// Unpacks a downloaded tar file into `folder` (made when needed) on a worker. `shown` is what errors call it.
Task<> unpack(JobContext& job, std::filesystem::path archive, std::filesystem::path folder, UnpackOptions options);

/// A download context for an action of this job; `directory` is the action's own folder.
DownloadContext download_context(JobContext& job, const std::string& ns, std::filesystem::path directory);

}  // namespace patchbay
