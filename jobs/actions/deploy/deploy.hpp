// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deploy methods and the steps they share.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "jobs/actions/action.hpp"
#include "jobs/download/download.hpp"
#include "jobs/overlay/overlay.hpp"

namespace patchbay {

struct NamespaceState;

ActionPtr build_deploy_tmpfs(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_flasher(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_recovery(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_docker(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_fvp(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_tftp(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_downloads(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_qemu_nfs(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_nfs(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_nbd(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_overlay(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_ssh(const ActionBlock& block, const JobContext& job);
ActionPtr build_deploy_storage(const ActionBlock& block, const JobContext& job);

/// lava-overlay with everything below it, for the tests of one namespace. The numbers are those of later LAVA (2026),
/// also where a step has nothing to do here.
ActionPtr make_lava_overlay(const ActionBlock& block, const JobContext& job, const std::string& name = "lava-overlay");
/// The same; where no test needs an overlay, an action of the name that does nothing.
ActionPtr make_lava_overlay_if_needed(const ActionBlock& block, const JobContext& job);
/// lava-create-overlay: the same where no test needs an overlay, and an image asks for one: only the scripts are in it.
std::function<ActionPtr()> overlay_maker(const ActionBlock& block, const JobContext& job);
/// The same as a folder for a container: it is not packed. `more`: variables that the tests have beside the usual ones.
using MoreVariables = std::function<Variables(const JobContext&)>;
ActionPtr make_container_overlay(std::string action, const ActionBlock& block, const JobContext& job,
                                 MoreVariables more = {});

/// deploy-device-env: checks the lab's env-dut; the overlay's secrets and export-device-env hand it on.
ActionPtr make_deploy_device_env();

/// Where a download goes, and what becomes of it.
struct DownloadTarget {
    /// The first part of the name of its deploy's folder: "deployimages" of "deployimages-1". Each file has a folder of
    /// its own in it, called as its key.
    std::string deploy = "deployimages";
    /// A boot loader fetches it: it stands below the TFTP root.
    bool for_tftp = false;
    std::string subfolder;   ///< of the deploy's folder
    bool for_later = false;  ///< later deploys of the namespace name it downloads://
    bool uniquify = true;    ///< a folder of its own
    Placement placement = Placement::private_copy;
    /// Notes the file for later actions; called at each try.
    std::function<void(NamespaceState&, std::filesystem::path)> received;
    /// Makes the overlay that `overlays: {lava: true}` asks for; empty: the deploy has made it before.
    std::function<ActionPtr()> make_overlay;
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
ActionPtr make_download(const std::string& key, const config::Value& map, DownloadTarget target);

/// `images` of a block, in the order of the job. Throws: JobError, there are none.
std::vector<std::pair<std::string, config::Value>> images_of(const ActionBlock& block);

/// An image for a machine, with its `image_arg`, and the machine's firmware.
ActionPtr make_image_download(const std::string& key, const config::Value& map, DownloadTarget target);
ActionPtr make_firmware_download(const config::Value& map);

/// Where files for later deploys of this namespace are. Throws: JobError, it is no name of a namespace.
std::filesystem::path downloads_directory(const JobContext& job, const std::string& ns);

/// The download of an image for a program of this host; `folder` as DownloadTarget::deploy.
ActionPtr make_tool_image(const std::string& key, const config::Value& map, std::string folder,
                          Placement placement = Placement::private_copy);

/// Does this download map want the test overlay in its image?
bool wants_lava_overlay(const config::Value& map);

/// append-overlays: `format` of the image, the test overlay if `lava`, then the fetched ones.
struct AppendPlan {
    std::string action = "append-overlays";
    std::string key;
    std::shared_ptr<const std::filesystem::path> image;  ///< set when it was downloaded
    std::string format;                                  ///< cpio.newc, ext4, tar
    std::string compression;  ///< that the image still has: only a ramdisk is not decompressed
    std::optional<unsigned> partition;
    bool sparse = false;  ///< of Android; only ext4
    bool lava = false;
    std::vector<std::shared_ptr<ExtraOverlay>> extra;
};
ActionPtr make_append_overlays(AppendPlan plan);

/// Unpacks a downloaded tar file into `folder` (made when needed) on a worker. `shown` is what errors call it.
Task<UnpackReport> unpack(JobContext& job, std::filesystem::path archive, std::filesystem::path folder,
                          UnpackOptions options);

/// A download context for an action of this job; `directory` is the action's own folder.
DownloadContext download_context(JobContext& job, const std::string& ns, std::filesystem::path directory);

}  // namespace patchbay
