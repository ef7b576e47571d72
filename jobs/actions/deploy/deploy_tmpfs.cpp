// SPDX-License-Identifier: Apache-2.0
// deploy: {to: tmpfs}: images of a machine on this host (lava_dispatcher/actions/deploy/image.py).
#include <algorithm>

#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/machine_deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

class ApplyOverlayGuest final : public Action {
public:
    explicit ApplyOverlayGuest(bool applied)
        : Action{"apply-overlay-guest", "make a drive that holds the test overlay"}, applied_{applied} {}

    Task<> validate(JobContext& job, std::vector<std::string>&) override {
        static_cast<void>(drive_size(job));
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto& state = job.state(ns());
        state.overlay_applied = applied_;
        if (applied_) {
            job.log.debug("Overlay already applied");
            co_return;
        }
        const auto folder = job.directory / ("apply-overlay-guest-" + level());
        std::filesystem::create_directories(folder);
        const auto image = folder / "lava-guest.img";
        auto tree = state.overlay->tree().below(state.overlay->settings().results_dir);
        auto uuid =
            co_await write_ext2(job.workers, std::move(tree), image, drive_size(job), folder / "scratch", deadline);
        job.log.debug("Overlay: " + image.string());
        report("success", uuid);
        state.guest_disk = GuestDisk{image, std::move(uuid)};
    }

private:
    /// Bytes; the device's guest.size, which a job's context may set, is in MB. Throws: JobError.
    static std::uint64_t drive_size(const JobContext& job) {
        const config::Value* at = job.description.deploy_methods.find("image");
        for (const auto* key : {"parameters", "guest", "size"}) at = at ? at->find(key) : nullptr;
        if (!at || at->is_null()) return std::uint64_t{512} << 20;
        const std::uint64_t size = read_count(at).value_or(0);
        UnpackLimits limits;
        limits.bytes = job.settings.unpack_limit;
        const auto most = limits.bytes >> 20;
        if (size == 0 || size > most) {
            throw JobError{"guestfs_size is '" + config::python_str(*at) + "'; it must be a number of MB from 1 to " +
                           std::to_string(most) + ": " + limits.bytes_text()};
        }
        return size << 20;
    }

    bool applied_;
};

class DeployImages final : public Action {
public:
    DeployImages(std::string os) : Action{"deployimages", "deploy images using guestfs"}, os_{std::move(os)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = os_;
        co_await Action::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        job.state(ns()).forget_images();
        co_await Action::run(job, deadline);
    }

private:
    std::string os_;
};

/// Is the image named as the kernel, and nowhere else in its argument (as a drive)?
bool is_only_kernel(const std::string& image_arg, const std::string& key) {
    const auto hole = "{" + key + "}";
    const auto at = image_arg.find(hole);
    return at != std::string::npos && image_arg.find(hole, at + 1) == std::string::npos &&
           std::string_view{image_arg}.substr(0, at).ends_with("-kernel ");
}

}  // namespace

std::vector<std::pair<std::string, config::Value>> images_of(const ActionBlock& block) {
    const auto* value = block.parameters.find("images");
    const auto* map = value ? value->as_map() : nullptr;
    if (!map || map->empty())
        throw JobError{"deploy to " + config::string_or_empty(block.parameters.find("to")) +
                       " needs 'images', a map with at least one image"};
    std::vector<std::pair<std::string, config::Value>> images;
    for (const auto& [key, image] : *map) images.emplace_back(config::python_str(key), image);
    return images;
}

/// An image for the machine. QEMU only reads a kernel; anything that may be written to needs its own bytes.
ActionPtr make_image_download(const std::string& key, const config::Value& map, DownloadTarget target) {
    auto argument = config::string_or_empty(map.find("image_arg"));
    if (!map.find("overlays") && is_only_kernel(argument, key)) target.placement = Placement::shared;
    target.received = [key, argument](NamespaceState& state, fs::path file) {
        std::erase_if(state.images, [&key](const DeployedImage& image) { return image.key == key; });
        state.images.push_back({key, argument, std::move(file)});
    };
    return make_download(key, map, std::move(target));
}

ActionPtr make_firmware_download(const config::Value& map) {
    if (map.find("overlays")) {
        throw JobError{"'uefi' is firmware and cannot hold overlays; put them into an image"};
    }
    DownloadTarget target;
    target.received = [](NamespaceState& state, fs::path file) { state.uefi = std::move(file); };
    return make_download("uefi", map, std::move(target));
}

const DeployedImage* find_image(const NamespaceState& state, std::string_view key) {
    const auto found =
        std::find_if(state.images.begin(), state.images.end(), [key](const auto& image) { return image.key == key; });
    return found == state.images.end() ? nullptr : &*found;
}

ActionPtr make_apply_overlay_guest(bool applied) { return std::make_unique<ApplyOverlayGuest>(applied); }

ActionPtr build_deploy_tmpfs(const ActionBlock& block, const JobContext& job) {
    const auto* os = block.parameters.find("os");
    auto deploy = std::make_unique<DeployImages>(os && os->as_string() ? *os->as_string() : std::string{});
    const auto images = images_of(block);
    const bool overlay = test_needs(job.definition, block.name_space).overlay;
    if (overlay) {
        deploy->add(make_lava_overlay(block, job));
        deploy->add(make_deploy_device_env());
    }
    if (const auto* uefi = block.parameters.find("uefi")) deploy->add(make_firmware_download(*uefi));
    DownloadTarget target;
    if (!overlay) target.make_overlay = overlay_maker(block, job);
    for (const auto& [key, map] : images) deploy->add(make_image_download(key, map, target));
    if (overlay) {
        bool applied = false;
        for (const auto& [key, map] : images) applied = applied || wants_lava_overlay(map);
        deploy->add(make_apply_overlay_guest(applied));
    }
    return deploy;
}

}  // namespace patchbay
