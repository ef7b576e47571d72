// SPDX-License-Identifier: Apache-2.0
#pragma once
// The steps that deploys to boards share: a root over NFS, an initial ramdisk, modules, the overlay, a kernel that the
// boot loader takes. `tftp` has all of them, `nfs` and `nbd` some.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "jobs/actions/action.hpp"

namespace patchbay {

struct NamespaceState;

/// What one deploy's job asks for, and what its steps have found so far.
struct BoardDeploy {
    /// Something that modules and the test overlay can go into.
    struct Place {
        bool given = false;
        bool modules = true;  ///< install_modules
        bool overlay = true;  ///< install_overlay
    };
    Place ramdisk, nfsrootfs, persistent_nfs;
    std::string ramdisk_compression;
    std::string nfsrootfs_compression, modules_compression;  ///< empty: undone when they were downloaded
    std::string ramdisk_url, nfsrootfs_url, modules_url;     ///< what errors call them
    bool ramdisk_header = false;                             ///< the job's file has U-Boot's
    std::string prefix;                                      ///< of nfsrootfs: the folder in it that is the root
    std::string nfs_address;                                 ///< of persistent_nfs: "host:/path"
    bool modules = false;
    std::string kernel_type;        ///< image, zimage, uimage, or empty
    bool overlay_in_image = false;  ///< some file has `overlays: {lava: true}`
    std::string os;

    // On this host, as soon as it is there:
    std::filesystem::path nfsrootfs_file, modules_file;
    std::filesystem::path nfs_root;  ///< what modules and overlay go into; empty: no nfsrootfs

    /// Is the ramdisk changed, or used as it was downloaded?
    bool changes_ramdisk() const { return ramdisk.given && (ramdisk.modules || ramdisk.overlay); }
};
using BoardDeployPtr = std::shared_ptr<BoardDeploy>;

/// The deploy itself: forgets what an earlier deploy of the namespace left for the boot loader, then its steps.
class BoardDeployAction : public Action {
public:
    BoardDeployAction(std::string name, std::string summary, std::string os)
        : Action{std::move(name), std::move(summary)}, os_{std::move(os)} {}
    Task<> validate(JobContext& job, std::vector<std::string>& errors) override;

protected:
    Task<> run(JobContext& job, Deadline deadline) override;

private:
    std::string os_;
};

/// Throws: JobError, some key has a wrong type, or keys exclude one another.
BoardDeployPtr read_board_deploy(const ActionBlock& block);

/// extract-nfsrootfs: unpacks the archive where the NFS server finds it, with owners, devices and attributes.
ActionPtr make_extract_nfsrootfs(BoardDeployPtr board, const std::string& name = "extract-nfsrootfs");
/// parse-persistent-nfs: a root that the lab has, and that stays.
ActionPtr make_parse_persistent_nfs(BoardDeployPtr board);
/// extract-overlay-ramdisk: makes the ramdisk ready to be added to. Nothing is unpacked (jobs/overlay/initramfs.hpp).
ActionPtr make_extract_ramdisk(BoardDeployPtr board);
/// extract-modules: into the NFS root and the ramdisk.
ActionPtr make_extract_modules(BoardDeployPtr board);
/// apply-overlay-tftp: the test overlay into the NFS root, else into the ramdisk.
ActionPtr make_apply_overlay(BoardDeployPtr board);
/// prepare-kernel with uboot-prepare-kernel or prepare-fit, as the device's boot methods say.
ActionPtr make_prepare_kernel(BoardDeployPtr board, const JobContext& job);
/// configure-preseed-file: what an installer is told, with a way to the overlay.
ActionPtr make_configure_preseed(BoardDeployPtr board);
/// compress-ramdisk: names it, and puts U-Boot's header before it.
ActionPtr make_compress_ramdisk(BoardDeployPtr board);

/// Makes a file of the job's below the TFTP root, and its folders, readable for everybody: the server is another user.
void publish(const JobContext& job, const std::filesystem::path& file);

/// Files that a boot loader fetches: into BootFiles::files under `key`; those of a subfolder under "subfolder/key", and
/// the subfolder under its own name.
ActionPtr make_boot_download(const std::string& key, const config::Value& map, const ActionBlock& block,
                             const JobContext& job, const std::string& deploy, const std::string& subfolder = {});
/// nfsrootfs and modules: nobody fetches them, they are unpacked here. `found` is set to the file.
ActionPtr make_archive_download(const std::string& key, const config::Value& map, const ActionBlock& block,
                                const JobContext& job, const std::string& deploy, std::filesystem::path* found,
                                BoardDeployPtr owner);

/// The device's mkimage_arch. Throws: JobError, it has none.
std::string mkimage_arch(const JobContext& job);
/// Runs it; `argv` is what comes after its name. Throws: InfrastructureError.
Task<> run_mkimage(JobContext& job, std::vector<std::string> argv, Deadline deadline);

}  // namespace patchbay
