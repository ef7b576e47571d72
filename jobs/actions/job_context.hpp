// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the actions of one job share.

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devices/description.hpp"
#include "devices/device.hpp"
#include "jobs/actions/board/fingerprint_log.hpp"
#include "jobs/actions/cancellation.hpp"
#include "jobs/actions/group_link.hpp"
#include "jobs/actions/job_log.hpp"
#include "jobs/actions/settings.hpp"
#include "jobs/console/session.hpp"
#include "jobs/definition/definition.hpp"
#include "jobs/download/cache.hpp"
#include "jobs/overlay/deployment_data.hpp"
#include "jobs/overlay/overlay.hpp"

namespace patchbay {

struct DeployedImage {
    std::string key;
    std::string image_arg;  ///< empty: only downloaded
    std::filesystem::path path;
};

/// The drive that carries the overlay into a guest whose disk is not touched.
struct GuestDisk {
    std::filesystem::path path;
    std::string uuid;
};

/// What deploys leave for a boot loader, and for the kernel that it starts.
struct BootFiles {
    /// On this host, below the TFTP root. The keys are LAVA's: kernel, dtb, ramdisk, initrd, tee, preseed, dtbo0, ...
    /// `extra_files` is a folder.
    std::map<std::string, std::filesystem::path, std::less<>> files;
    std::string boot_command;          ///< booti, bootm or bootz, by the kernel's type; empty: the job names none
    bool ramdisk_has_header = false;   ///< U-Boot's, 64 bytes
    std::string nfs_server, nfs_root;  ///< what the kernel mounts as its root; empty: nothing
    std::string nbd_server;
    unsigned short nbd_port = 0;  ///< 0: no server
    std::string media_device;     ///< the name in the device's parameters.media that a deploy has written to
};

/// Between the steps of one boot by a boot loader.
struct LoaderState {
    std::vector<std::string> commands;  ///< with the names and addresses of this job
    bool at_prompt = false;             ///< its prompt was seen already
};

/// What the actions of one namespace hand to the later ones.
struct NamespaceState {
    std::string os;  ///< of its deploy
    std::vector<DeployedImage> images;
    std::optional<std::filesystem::path> uefi;
    BootFiles boot;
    LoaderState loader;
    std::shared_ptr<Overlay> overlay;  ///< null: no test needs one
    bool overlay_applied = false;
    std::optional<GuestDisk> guest_disk;
    std::string container_image;       ///< of a deploy to docker
    std::unique_ptr<Console> program;  ///< of a console that is no part of the device: a container, a debugger
    std::unique_ptr<ConsoleSession> console;

    /// A deploy begins anew: what an earlier one, or an earlier try, has put there is not booted.
    void forget_images() {
        images.clear();
        uefi.reset();
        guest_disk.reset();
    }
};

struct JobContext {
    std::string id;  ///< "42", as it appears in /lava-42 and in UUIDs
    const Definition& definition;
    const DeviceDescription& description;
    Device& device;
    const RunnerSettings& settings;
    JobLog& log;
    ArtifactCache& cache;
    Cancellation& cancellation;
    asio::thread_pool& workers;
    std::filesystem::path directory;  ///< everything of this job; removed at its end

    std::map<std::string, NamespaceState, std::less<>> namespaces;
    std::string fastboot_serial = {};  ///< of the one board in fastboot, where the lab has not given it
    GroupLink* group = nullptr;        ///< to the other parts of a multinode group; null without a daemon
    bool power_off_failed = false;     ///< the device's power_off command; the device may be on
    bool cleaning_up = false;          ///< the actions are over: from here on nothing is cancelled

    std::shared_ptr<FingerprintLog> fingerprint = nullptr;  ///< made with the first console

    /// The device's console becomes that of a namespace. Its owner has opened it.
    /// `name`: of several consoles; the first has none.
    ConsoleSession& attach_console(const std::string& ns, std::string_view name = {});
    /// A program's terminal, which is open, becomes the console of a namespace.
    ConsoleSession& attach_program(const std::string& ns, std::unique_ptr<Console> program);
    /// The device gets power, or is started anew.
    void powered();

    /// Was the job told to stop while its actions run?
    bool stopping() const { return cancellation.requested() && !cleaning_up; }
    NamespaceState& state(const std::string& ns) { return namespaces[ns]; }
    /// The console that an action talks to. Throws: JobError when there is none.
    ConsoleSession& console(const ActionBlock& block);

    /// Lowest to highest: the action's own, job's action, device's named, block's, `share`, job's named, block's named.
    /// This is the order of later LAVA; in 2023.01 a block's time-out beats one that the job gives by name.
    /// docs/timeouts.md. `share`: of an action that is tried several times, for each step of one try.
    std::chrono::seconds action_timeout(const std::string& action, const ActionBlock& block,
                                        std::optional<std::chrono::seconds> share = std::nullopt) const;
    std::chrono::seconds connection_timeout(const std::string& action, const ActionBlock& block) const;
    int failure_retry(const ActionBlock& block) const;

    /// A constant of the device's description as text.
    std::string constant(const std::string& path, const std::string& fallback) const;
    /// This job's folder below the TFTP root; removed at its end as `directory` is.
    std::filesystem::path tftp_directory() const;
    /// The same below what the NFS server exports.
    std::filesystem::path nfs_directory() const;
    /// What a boot loader asks for to get this file. Throws: LavaBug, the file is not below the TFTP root.
    std::string tftp_name(const std::filesystem::path& file) const;

    /// Where tests live on the target: "/lava-42". Throws: JobError, the job names a place that is no plain path.
    std::string results_directory(const std::string& ns) const;
    std::string shell(const std::string& ns) const;
    std::string os_of(const std::string& ns) const;
};

/// "['a', 'b']": how LAVA's log prints lists.
std::string python_list(const std::vector<std::string>& texts);

}  // namespace patchbay
