// SPDX-License-Identifier: Apache-2.0
// deploy: {to: usb | sata | sd}: an image onto a medium of the board's. In LAVA a system that runs on the board fetches
// and writes it (lava_dispatcher/actions/deploy/removable.py). Where the lab has the medium behind a multiplexer
// (capability Storage) this host writes it, and the job names no tool.
#include "devices/capability/storage.hpp"
#include "jobs/actions/board/supply.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/write_medium.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/overlay/file_server.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// What jobs call the one medium of a lab that gave it no name.
constexpr auto unnamed = "storage";

/// What the job says of the medium and of the tools on the board.
struct Medium {
    std::string to;      ///< usb, sata or sd
    std::string device;  ///< its name in the device's parameters.media.<to>, or that of a Storage
    std::string id;      ///< below /dev/disk/by-id on the board
    std::string download_tool, download_options, download_prompt;
    std::string writer_tool, writer_options, writer_prompt;
    std::vector<std::string> done{R"([0-9]+\+[0-9]+ records out)", R"([0-9]+ bytes \(.*\) copied)"};
    bool by_board() const { return !download_tool.empty() || !writer_tool.empty(); }
};

std::string text_in(const ActionBlock& block, std::string_view map_key, std::string_view key) {
    const auto* map = block.parameters.find(map_key);
    return config::text_or_empty(map ? map->find(key) : nullptr);
}

Medium read_medium(const ActionBlock& block, const JobContext& job) {
    Medium medium;
    medium.to = config::text_or_empty(block.parameters.find("to"));
    medium.device = config::text_or_empty(block.parameters.find("device"));
    const config::Value* at = job.description.parameters.find("media");
    for (const auto& key : {medium.to, medium.device, std::string{"uuid"}}) at = at ? at->find(key) : nullptr;
    medium.id = config::text_or_empty(at);
    medium.download_tool = text_in(block, "download", "tool");
    medium.download_options = text_in(block, "download", "options");
    medium.download_prompt = text_in(block, "download", "prompt");
    medium.writer_tool = text_in(block, "writer", "tool");
    medium.writer_options = text_in(block, "writer", "options");
    medium.writer_prompt = text_in(block, "writer", "prompt");
    const auto* tool = block.parameters.find("tool");
    const auto* prompts = tool ? tool->find("prompts") : nullptr;
    if (prompts && prompts->as_list()) {
        medium.done.clear();
        for (const auto& prompt : *prompts->as_list()) medium.done.push_back(config::python_str(prompt));
    }
    return medium;
}

std::string replaced(std::string text, const std::string& hole, const std::string& value) {
    for (auto at = text.find(hole); at != std::string::npos; at = text.find(hole, at + value.size())) {
        text.replace(at, hole.size(), value);
    }
    return text;
}

class DdImage final : public Action {
public:
    DdImage(Medium medium, std::shared_ptr<fs::path> image)
        : Action{"dd-image", "write an image onto a medium of the board"},
          medium_{std::move(medium)},
          image_{std::move(image)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (medium_.by_board()) {
            validate_tools(job, errors);
        } else if (const auto media = job.device.names<Storage>(); !media.empty() && !storage(job)) {
            std::vector<std::string> names;
            for (const auto& name : media) names.push_back(name.empty() ? unnamed : name);
            errors.push_back("deploy to " + medium_.to + ": the lab has no medium '" + medium_.device +
                             "' that it can write; 'device' is one of " + python_list(names));
        } else if (media.empty()) {
            errors.push_back("deploy to " + medium_.to +
                             " needs 'download' or 'writer', the tool on the board; this "
                             "device has no medium that the lab can write ('hardware' with a storage driver)");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        if (medium_.by_board()) {
            FileServer server{co_await asio::this_coro::executor, *image_};
            co_await and_finally(write_by_board(job, server, deadline), server.stop());
        } else {
            co_await write_by_host(job);
        }
        job.state(ns()).boot.media_device = medium_.device;
    }

private:
    /// Never another one than the job names: what is on it is lost.
    Storage* storage(const JobContext& job) const {
        auto* named = job.device.find<Storage>(medium_.device);
        return named || medium_.device != unnamed ? named : job.device.find<Storage>();
    }

    void validate_tools(const JobContext& job, std::vector<std::string>& errors) const {
        if (medium_.id.empty()) {
            errors.push_back("the device has no 'uuid' of '" + medium_.device + "' in its parameters.media." +
                             medium_.to);
        }
        need_host_address(job, HostService::http, errors);
        for (const auto& tool : {medium_.download_tool, medium_.writer_tool}) {
            if (!tool.empty() && tool.front() != '/') {
                errors.push_back("the tool '" + tool + "' must be given with its whole path on the board");
            }
        }
        if (medium_.download_tool.empty() && medium_.writer_prompt.empty()) {
            errors.push_back("'writer' without 'download' needs a 'prompt'");
        }
        if (!medium_.download_tool.empty() && medium_.download_prompt.empty()) {
            errors.push_back("'download' needs the 'prompt' that its tool shows when it starts");
        }
    }

    Task<> write_by_board(JobContext& job, FileServer& server, Deadline deadline) {
        auto& console = job.console(block());
        const auto host = host_address(job, HostService::http);
        const auto url = "http://" + host + ":" + std::to_string(server.port()) + server.path();
        const auto device = "/dev/disk/by-id/" + medium_.id;
        const auto filled = [&](const std::string& text) {
            return replaced(replaced(text, "{DOWNLOAD_URL}", url), "{DEVICE}", device);
        };
        const auto writer = medium_.writer_tool.empty() ? "dd of='" + device + "' bs=4M"
                                                        : medium_.writer_tool + " " + filled(medium_.writer_options);
        const bool fetches = !medium_.download_tool.empty();
        auto line = fetches ? medium_.download_tool + " " + filled(medium_.download_options) + " | " + writer : writer;
        const auto started = PatternSet::of({fetches ? medium_.download_prompt : medium_.writer_prompt});
        const auto done = PatternSet::of(medium_.done);
        co_await console.send_line(std::move(line));
        co_await console.wait(started, deadline);
        co_await console.wait(done, deadline);
        const auto prompt = PatternSet::of(console.prompts);
        co_await console.wait(prompt, deadline);
    }

    Task<> write_by_host(JobContext& job) {
        auto& medium = *storage(job);
        if (auto* power = job.device.find<Power>()) co_await open_supply(job, *power);
        co_await and_finally(write(job, medium), give_back(medium));
    }

    Task<> write(JobContext& job, Storage& medium) {
        co_await medium.connect(Storage::Side::host);
        co_await write_medium(job, medium, *image_, medium_.device);
    }

    /// The board has it between leases, and boots from it.
    static Task<> give_back(Storage& medium) {
        if (medium.can_leave_host()) co_await medium.connect(Storage::Side::board);
    }

    Medium medium_;
    std::shared_ptr<fs::path> image_;
};

class ApplyOverlayImage final : public Action {
public:
    ApplyOverlayImage(std::shared_ptr<fs::path> image, unsigned partition)
        : Action{"apply-overlay-image", "put the overlay into a partition of the image"},
          image_{std::move(image)},
          partition_{partition} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto overlay = job.state(ns()).overlay;
        if (!overlay) co_return;
        const auto offset = partition_offset(*image_, partition_);
        auto tree = overlay->tree();
        co_await write_into_ext4(job.workers, *image_, offset, std::move(tree),
                                 job.directory / ("apply-overlay-image-" + level()), deadline);
    }

private:
    std::shared_ptr<fs::path> image_;
    unsigned partition_;
};

class StorageDeploy final : public BoardDeployAction {
public:
    explicit StorageDeploy(std::string os)
        : BoardDeployAction{"storage-deploy", "deploy an image onto a medium of the board", std::move(os)} {}
};

const config::Value& image_of(const ActionBlock& block) {
    if (const auto* image = block.parameters.find("image")) return *image;
    const auto* images = block.parameters.find("images");
    if (const auto* image = images ? images->find("image") : nullptr) return *image;
    throw JobError{"deploy to usb, sata or sd needs an 'image'"};
}

}  // namespace

ActionPtr build_deploy_storage(const ActionBlock& block, const JobContext& job) {
    const auto& map = image_of(block);
    const auto needs = test_needs(job.definition, block.name_space);
    auto deploy = std::make_unique<StorageDeploy>(config::string_or_empty(block.parameters.find("os")));
    if (needs.overlay) deploy->add(make_lava_overlay(block, job));
    const auto image = std::make_shared<fs::path>();
    DownloadTarget target;
    target.deploy = "storage-deploy";
    target.received = [image](NamespaceState&, fs::path file) { *image = std::move(file); };
    if (!needs.overlay) target.make_overlay = overlay_maker(block, job);
    deploy->add(make_download("image", map, std::move(target)));
    if (const auto partition = read_count(map.find("root_partition")); partition && needs.overlay) {
        deploy->add<ApplyOverlayImage>(image, *partition);
    }
    deploy->add<DdImage>(read_medium(block, job), image);
    if (needs.overlay) deploy->add(make_deploy_device_env());
    return deploy;
}

}  // namespace patchbay
