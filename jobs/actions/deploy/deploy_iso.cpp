// SPDX-License-Identifier: Apache-2.0
// deploy: {to: iso-installer}: what a machine needs to install Debian from an ISO image onto an empty disk
// (lava_dispatcher/actions/deploy/iso.py).
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "core/process/file_descriptor.hpp"
#include "devices/capability/direct_boot.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/machine_deploy.hpp"
#include "jobs/actions/deploy/tftp_server.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/download/iso_image.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto deploy_name = "deploy-iso-installer";

/// A key of the block's map `iso`; null: it has none.
const config::Value* iso_key(const ActionBlock& block, std::string_view key) {
    const auto* iso = block.parameters.find("iso");
    return iso ? iso->find(key) : nullptr;
}

/// Makes the action's own folder anew.
fs::path fresh_folder(const JobContext& job, const Action& action) {
    const auto folder = job.directory / (action.name() + "-" + action.level());
    std::error_code error;
    fs::remove_all(folder, error);
    if (!error) fs::create_directories(folder, error);
    if (error) throw InfrastructureError{"cannot make the folder '" + folder.string() + "': " + error.message()};
    return folder;
}

class DeployIso final : public BoardDeployAction {
public:
    explicit DeployIso(std::string os)
        : BoardDeployAction{deploy_name, "prepare a machine that installs from an ISO image", std::move(os)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto os = config::string_or_empty(block().parameters.find("os"));
        if (os != "debian_installer") {
            errors.push_back("deploy to iso-installer is for 'os: debian_installer', and the job has '" + os +
                             "': only of Debian's installer is known how it is told where its answers are");
        }
        if (job.device.need<DirectBoot>().tftp_address().empty()) check_tftp(job, errors);
        co_await BoardDeployAction::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        job.state(ns()).forget_images();
        co_await BoardDeployAction::run(job, deadline);
    }
};

class PrepareEmptyImage final : public Action {
public:
    PrepareEmptyImage() : Action{"prepare-empty-image", "make the disk that is installed onto"} {}

    Task<> validate(JobContext&, std::vector<std::string>&) override {
        size_ = read_size();
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        const auto image = fresh_folder(job, *this) / "hd.img";
        job.log.info("Creating base image of size: " + std::to_string(size_) + " bytes");
        const FileDescriptor file{::open(image.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
        // It takes room only where the guest writes.
        if (!file || ::ftruncate(file.get(), static_cast<off_t>(size_)) != 0) {
            throw InfrastructureError{"cannot make '" + image.string() + "': " + disk_problem(errno)};
        }
        job.state(ns()).images.push_back({empty_image, "-drive format=raw,file={emptyimage}", image});
        report("success", image.string());
        co_return;
    }

private:
    /// Bytes. Throws: JobError.
    std::uint64_t read_size() const {
        const auto* value = iso_key(block(), "installation_size");
        const auto* text = value ? value->as_string() : nullptr;
        std::uint64_t count = 0;
        std::string_view rest;
        if (text) {
            const auto parsed = std::from_chars(text->data(), text->data() + text->size(), count);
            if (parsed.ec == std::errc{}) rest = {parsed.ptr, text->data() + text->size()};
        }
        constexpr std::uint64_t most_megabytes = 8 * 1024;  // lava_common/constants.py, INSTALLER_IMAGE_MAX_SIZE
        const std::uint64_t unit = rest == "G" ? 1024 : rest == "M" ? 1 : 0;
        if (unit != 0 && count > 0 && count <= most_megabytes / unit) return (count * unit) << 20;
        throw JobError{"installation_size is '" + (value ? config::python_str(*value) : std::string{}) +
                       "'; it must be a text of a number and M or G, such as 800M, of at most 8G"};
    }

    std::uint64_t size_ = 0;
};

class PullInstallerFiles final : public Action {
public:
    PullInstallerFiles() : Action{"pull-installer-files", "copy kernel and initrd out of the ISO image"} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        for (const auto* key : {"kernel", "initrd"}) {
            const auto path = config::string_or_empty(iso_key(block(), key));
            if (path.empty()) {
                errors.push_back(std::string{"'iso' of the deploy lacks '"} + key +
                                 "', the path of a file in the image, such as /install.amd/vmlinuz");
            } else if (!path.starts_with('/')) {
                errors.push_back("Paths to pull from the ISO need to start with / - check " + std::string{key} + ": '" +
                                 path + "'");
            }
        }
        if (path_of("kernel").empty() || path_of("kernel") != path_of("initrd")) co_return;
        errors.push_back("kernel and initrd are the same file of the ISO image, '" + path_of("kernel") + "'");
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        auto& state = job.state(ns());
        const auto folder = fresh_folder(job, *this);
        std::vector<IsoFile> files{{path_of("kernel"), folder / "kernel"}, {path_of("initrd"), folder / "initrd"}};
        UnpackOptions options;
        options.limits.bytes = job.settings.unpack_limit;
        options.shown = config::string_or_empty(block().parameters.find("images")->find("iso")->find("url"));
        auto work = [image = find_image(state, "iso")->path, files, options](const StopFlag& stop) {
            copy_from_iso(image, files, options, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
        config::List paths;
        for (const auto& file : files) {
            job.log.info("filename: " + file.to.string() + " size: " + std::to_string(fs::file_size(file.to)));
            paths.emplace_back(file.path);
        }
        state.images.push_back({"kernel", "-kernel {kernel}", files.front().to});
        state.images.push_back({"initrd", "-initrd {initrd}", files.back().to});
        report("success", std::move(paths));
    }

private:
    std::string path_of(std::string_view key) const { return config::string_or_empty(iso_key(block(), key)); }
};

/// What Debian's installer is told (lava_dispatcher/deployment_data.py).
class PrepareQemuCommands final : public Action {
public:
    PrepareQemuCommands() : Action{"prepare-qemu-commands", "compose the command line of the installer"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!boot_option(job, "console").empty()) co_return;
        errors.push_back(
            "the device's boot method qemu has no 'boot_options' with 'console' in its parameters, so the installer "
            "cannot be told where its serial console is");
    }

protected:
    Task<> run(JobContext& job, Deadline) override {
        auto& state = job.state(ns());
        const auto order = boot_option(job, "boot_order");
        const auto console = "console=" + boot_option(job, "console");
        const auto& preseed = state.boot.files.at("preseed");
        const auto append = std::string{base} + " console=tty0 console=tty1 " + locale + " " + console + " " + keymaps +
                            " " + netcfg + " preseed/url=" + preseed_url(job, preseed) + " --- " + console + " ";
        state.images.push_back(
            {"append", "-boot " + (order.empty() ? "c" : order) + " -append \"" + append + "\"", preseed});
        co_return;
    }

private:
    static constexpr auto base = "auto=true install noshell debug verbose BOOT_DEBUG=1 DEBIAN_FRONTEND=text";
    static constexpr auto locale = "debian-installer/locale=en_US";
    static constexpr auto keymaps = "console-keymaps-at/keymap=us keyboard-configuration/xkb-keymap=us";
    static constexpr auto netcfg = "netcfg/choose_interface=auto netcfg/get_hostname=debian netcfg/get_domain=";

    static std::string boot_option(const JobContext& job, std::string_view key) {
        const config::Value* at = job.description.boot_methods.find("qemu");
        for (const std::string_view name : {"parameters", "boot_options"}) at = at ? at->find(name) : nullptr;
        return config::text_or_empty(at ? at->find(key) : nullptr);
    }

    /// A machine in a network of QEMU's own has nobody else to ask: what it sends to its host's TFTP server never gets
    /// there. So QEMU serves the one file, and no server and no port of root's is needed.
    static std::string preseed_url(const JobContext& job, const fs::path& preseed) {
        const auto own = job.device.need<DirectBoot>().tftp_address();
        if (!own.empty()) return "tftp://" + own + "/" + preseed.filename().string();
        return "tftp://" + host_address(job, HostService::tftp) + "/" + job.tftp_name(preseed);
    }
};

const config::Value& image(const ActionBlock& block, const std::string& key) {
    const auto* images = block.parameters.find("images");
    const auto* map = images ? images->find(key) : nullptr;
    if (!map)
        throw JobError{"deploy to iso-installer needs 'images' with 'iso' and 'preseed', and has no '" + key + "'"};
    return *map;
}

}  // namespace

ActionPtr build_deploy_iso(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<DeployIso>(config::string_or_empty(block.parameters.find("os")));
    deploy->add<PrepareEmptyImage>();
    DownloadTarget preseed;
    preseed.deploy = deploy_name;
    preseed.for_tftp = job.device.need<DirectBoot>().tftp_address().empty();
    preseed.received = [](NamespaceState& state, fs::path file) { state.boot.files["preseed"] = std::move(file); };
    deploy->add(make_download("preseed", image(block, "preseed"), std::move(preseed)));
    DownloadTarget iso;
    iso.deploy = deploy_name;
    deploy->add(make_image_download("iso", image(block, "iso"), std::move(iso)));
    deploy->add<PullInstallerFiles>();
    deploy->add<PrepareQemuCommands>();
    if (!test_needs(job.definition, block.name_space).overlay) return deploy;
    deploy->add(make_lava_overlay(block, job));
    deploy->add(make_apply_overlay_guest(false));
    deploy->add(make_deploy_device_env());
    return deploy;
}

}  // namespace patchbay
