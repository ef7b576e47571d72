// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/board_deploy.hpp"

#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

bool flag(const config::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return !value || !value->as_bool() || *value->as_bool();
}

BoardDeploy::Place read_place(const ActionBlock& block, const std::string& key) {
    BoardDeploy::Place place;
    const auto* map = block.parameters.find(key);
    if (!map || map->is_null()) return place;
    place.given = true;
    place.modules = flag(*map, "install_modules");
    place.overlay = flag(*map, "install_overlay");
    return place;
}

std::string text_in(const ActionBlock& block, std::string_view map_key, std::string_view key) {
    const auto* map = block.parameters.find(map_key);
    return config::text_or_empty(map ? map->find(key) : nullptr);
}

void check_prefix(const std::string& prefix) {
    if (prefix.empty()) return;
    const bool inside = ("/" + prefix).find("/../") == std::string::npos;
    if (prefix.front() == '/' || prefix.back() != '/' || !inside) {
        throw JobError{"the prefix '" + prefix + "' of nfsrootfs must be relative, end with a '/', and hold no '..'"};
    }
}

}  // namespace

void publish(const JobContext& job, const std::filesystem::path& file) {
    namespace fs = std::filesystem;
    const auto top = job.tftp_directory();
    if (job.settings.tftp_root.empty() || file.lexically_relative(top).string().starts_with("..")) return;
    std::error_code error;
    const auto read = fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read;
    const auto status = fs::status(file, error);
    // A file of the cache's is readable already, and belongs to all jobs.
    if (!error && (status.permissions() & read) != read) fs::permissions(file, read, fs::perm_options::add, error);
    constexpr auto enter = fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
    for (auto folder = file.parent_path(); !error; folder = folder.parent_path()) {
        fs::permissions(folder, read | enter, fs::perm_options::add, error);
        if (folder == top) break;
    }
    if (error)
        throw InfrastructureError{"cannot make '" + file.string() +
                                  "' readable for the TFTP server: " + error.message()};
}

Task<> BoardDeployAction::validate(JobContext& job, std::vector<std::string>& errors) {
    job.state(ns()).os = os_;
    co_await Action::validate(job, errors);
}

Task<> BoardDeployAction::run(JobContext& job, Deadline deadline) {
    job.state(ns()).boot = {};
    co_await Action::run(job, deadline);
    for (const auto& [key, file] : job.state(ns()).boot.files) publish(job, file);
}

namespace {

/// Is it unpacked from what was transferred?
bool stays_compressed(const config::Value& map) { return map.as_map() && !map.find("overlays"); }

std::string compression_left(const ActionBlock& block, const std::string& key) {
    const auto* map = block.parameters.find(key);
    return map && stays_compressed(*map) ? config::text_or_empty(map->find("compression")) : std::string{};
}

}  // namespace

BoardDeployPtr read_board_deploy(const ActionBlock& block) {
    auto board = std::make_shared<BoardDeploy>();
    board->ramdisk = read_place(block, "ramdisk");
    board->nfsrootfs = read_place(block, "nfsrootfs");
    board->persistent_nfs = read_place(block, "persistent_nfs");
    if (board->nfsrootfs.given && board->persistent_nfs.given) {
        throw JobError{"'nfsrootfs' and 'persistent_nfs' exclude one another: a board has one root"};
    }
    board->ramdisk_compression = text_in(block, "ramdisk", "compression");
    board->ramdisk_header = text_in(block, "ramdisk", "header") == "u-boot";
    board->nfsrootfs_compression = compression_left(block, "nfsrootfs");
    board->modules_compression = compression_left(block, "modules");
    board->ramdisk_url = text_in(block, "ramdisk", "url");
    board->nfsrootfs_url = text_in(block, "nfsrootfs", "url");
    board->modules_url = text_in(block, "modules", "url");
    board->prefix = text_in(block, "nfsrootfs", "prefix");
    check_prefix(board->prefix);
    board->nfs_address = text_in(block, "persistent_nfs", "address");
    board->modules = block.parameters.contains("modules");
    board->kernel_type = text_in(block, "kernel", "type");
    board->os = config::string_or_empty(block.parameters.find("os"));
    for (const auto& [key, map] : block.parameters) {
        if (map.as_map() && wants_lava_overlay(map)) board->overlay_in_image = true;
    }
    return board;
}

namespace {

/// Where nothing else makes an overlay that an image wants, its download does.
DownloadTarget target_of(const ActionBlock& block, const JobContext& job, const std::string& deploy) {
    DownloadTarget target;
    target.deploy = deploy;
    if (!test_needs(job.definition, block.name_space).overlay) target.make_overlay = overlay_maker(block, job);
    return target;
}

}  // namespace

ActionPtr make_boot_download(const std::string& key, const config::Value& map, const ActionBlock& block,
                             const JobContext& job, const std::string& deploy, const std::string& subfolder) {
    auto target = target_of(block, job, deploy);
    target.subfolder = subfolder;
    target.for_tftp = true;
    const bool own = subfolder.empty() && (key == "ramdisk" || key == "preseed");
    const bool changed = own || (map.as_map() && map.find("overlays"));
    target.placement = changed ? Placement::private_copy : Placement::shared;
    target.received = [key, subfolder](NamespaceState& state, std::filesystem::path file) {
        auto& files = state.boot.files;
        // A file there may have the name of one that is booted.
        if (!subfolder.empty()) files[subfolder] = file.parent_path().parent_path();
        files[subfolder.empty() ? key : subfolder + "/" + key] = std::move(file);
    };
    return make_download(key, map, std::move(target));
}

ActionPtr make_archive_download(const std::string& key, const config::Value& map, const ActionBlock& block,
                                const JobContext& job, const std::string& deploy, std::filesystem::path* found,
                                BoardDeployPtr owner) {
    auto target = target_of(block, job, deploy);
    target.received = [found, owner = std::move(owner)](NamespaceState&, std::filesystem::path file) {
        *found = std::move(file);
    };
    if (!stays_compressed(map)) return make_download(key, map, std::move(target));
    // It is unpacked from what was transferred: gigabytes less on the disk, and jobs share the file.
    target.placement = Placement::shared;
    config::Map as_it_is;
    for (const auto& [name, value] : *map.as_map()) {
        const bool unpacks = name == config::Value{"archive"} || name == config::Value{"compression"};
        if (!unpacks) as_it_is.set(config::python_str(name), value);
    }
    return make_download(key, config::Value{std::move(as_it_is)}, std::move(target));
}

std::string mkimage_arch(const JobContext& job) {
    auto arch = config::text_or_empty(job.description.deploy_parameters.find("mkimage_arch"));
    if (arch.empty()) {
        throw JobError{
            "the device has no 'mkimage_arch' in its actions.deploy.parameters; without it no image for "
            "U-Boot can be made"};
    }
    return arch;
}

Task<> run_mkimage(JobContext& job, std::vector<std::string> argv, Deadline deadline) {
    Command command;
    command.argv = std::move(argv);
    command.argv.insert(command.argv.begin(), "mkimage");
    co_await run_program(job, std::move(command), deadline);
}

}  // namespace patchbay
