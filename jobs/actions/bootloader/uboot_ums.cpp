// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/uboot_ums.hpp"

#include <algorithm>

#include "core/usb/sysfs.hpp"
#include "devices/capability/storage.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/deploy/write_medium.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto pause = 100ms;

class MassStorageStep : public Action {
public:
    using Action::Action;

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    /// The link in the device's file; empty: it has a Storage.
    std::string link(const JobContext& job) const {
        return LoaderSettings{job, block()}.text("uboot_mass_storage_device");
    }
    fs::path node(const JobContext& job) const { return job.settings.host_root / fs::path{link(job)}.relative_path(); }
};

class WaitMassStorage final : public MassStorageStep {
public:
    WaitMassStorage() : MassStorageStep{"wait-device-path", "wait for the medium that U-Boot shows"} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        if (link(job).empty()) {
            co_await job.device.need<Storage>().connect(Storage::Side::host);
            co_return;
        }
        job.log.debug("Waiting for " + link(job));
        job.log.flush();
        for (std::error_code unknown; !fs::exists(node(job), unknown);) co_await sleep_for(pause);
    }
};

class FlashUbootUms final : public MassStorageStep {
public:
    FlashUbootUms() : MassStorageStep{"flash-uboot-ums", "write the image onto the medium that U-Boot shows"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto path = link(job);
        const auto* storage = job.device.find<Storage>();
        // One that a multiplexer takes to and fro is another medium than what U-Boot shows.
        if (path.empty() && (!storage || storage->can_leave_host())) {
            errors.push_back(
                "uboot_mass_storage_device is not set in boot.methods.u-boot.parameters of the device; it is the link "
                "below /dev/disk/by-id of the medium that U-Boot shows");
        } else if (!path.empty() && !path.starts_with("/dev/disk/by-")) {
            errors.push_back("uboot_mass_storage_device '" + path +
                             "' may be another disk tomorrow; give its link in /dev/disk/by-id or /dev/disk/by-path");
        }
        if (!path.empty()) need_program("bmaptool", "bmap-tools", errors);
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto& images = job.state(ns()).images;
        const auto image = std::ranges::find(images, "image", &DeployedImage::key);
        if (image == images.end()) {
            throw JobError{"there is nothing to write: no deploy to u-boot-ums of namespace '" + ns() +
                           "' has fetched an image"};
        }
        const auto file = image->path;
        if (link(job).empty()) {
            co_await write_medium(job, job.device.need<Storage>(), file, "the medium that U-Boot shows");
        } else {
            co_await write_with_bmaptool(job, file, deadline);
        }
        co_await job.console(block()).send("\x03");
    }

private:
    /// Throws: InfrastructureError, it is no whole disk of a USB device.
    fs::path disk(const JobContext& job) const {
        std::error_code gone;
        const auto place = fs::canonical(node(job), gone);
        const auto name = place.filename().string();
        const auto disks = usb_nodes("class/block", job.settings.host_root);
        const bool is_usb = !gone && std::ranges::find(disks, name, &UsbNode::name) != disks.end();
        const auto partition = job.settings.host_root / "sys/class/block" / name / "partition";
        if (is_usb && !fs::exists(partition, gone)) return place;
        throw InfrastructureError{"'" + link(job) + "' leads to '" + place.string() +
                                  "', which is no whole disk on USB of this host, so nothing was written; correct "
                                  "uboot_mass_storage_device of the device (ls -l /dev/disk/by-id while U-Boot runs "
                                  "'ums')"};
    }

    Task<> write_with_bmaptool(JobContext& job, fs::path image, Deadline deadline) {
        const auto target = disk(job);
        const auto layout = job.directory / ("image-" + level() + ".layout");
        Command map;
        map.argv = {"bmaptool", "create", "--output", layout.string(), image.string()};
        co_await run_program(job, std::move(map), deadline, "is the image whole, and has this host's disk room?");
        Command copy;
        copy.argv = {"bmaptool", "--quiet", "copy", "--bmap", layout.string(), image.string(), target.string()};
        co_await run_program(
            job, std::move(copy), deadline,
            "may the runner write to the medium, is it large enough, and does nothing use it (lsblk)?");
    }
};

}  // namespace

ActionPtr make_wait_mass_storage() { return std::make_unique<WaitMassStorage>(); }
ActionPtr make_flash_uboot_ums() { return std::make_unique<FlashUbootUms>(); }

}  // namespace patchbay
