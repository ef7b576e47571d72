// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deploy methods and the steps they share.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jobs/actions/action.hpp"
#include "jobs/download/download.hpp"

namespace patchbay {

struct NamespaceState;

ActionPtr build_deploy_tmpfs(const ActionBlock& block, const JobContext& job);

/// lava-overlay with everything below it, for the tests of one namespace. The numbers are those of later LAVA (2026),
/// also where a step has nothing to do here.
ActionPtr make_lava_overlay(const ActionBlock& block, const JobContext& job);

/// deploy-device-env: checks the lab's env-dut; the overlay's secrets and export-device-env hand it on.
ActionPtr make_deploy_device_env();

/// Where a download goes, and what becomes of it.
struct DownloadTarget {
    /// The first part of the name of its deploy's folder: "deployimages" of "deployimages-1". Each file has a folder of
    /// its own in it, called as its key.
    std::string deploy = "deployimages";
    /// A boot loader fetches it: it stands below the TFTP root.
    bool for_tftp = false;
    Placement placement = Placement::private_copy;
    /// Notes the file for later actions; called at each try.
    std::function<void(NamespaceState&, std::filesystem::path)> received;
};

/// An overlay that is fetched and put into an image: `overlays: {modules: {url, format, path}}`.
struct ExtraOverlay {
    std::string name;
    std::string format;  ///< "tar" or "file"
    std::string path;    ///< where it goes in the image
    std::string url;
    std::filesystem::path file;  ///< set when it was downloaded
};

/// download-retry with the download below it; append-overlays last, where the map asks for overlays. These are put into
/// the image of that key in NamespaceState::images.
ActionPtr make_download(const std::string& key, const config::Value& map, DownloadTarget target);

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
