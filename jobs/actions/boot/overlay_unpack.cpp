// SPDX-License-Identifier: Apache-2.0
// transfer_overlay: the target fetches the overlay and unpacks it (lava_dispatcher/actions/boot/__init__.py). LAVA
// leaves the file to the worker's web server; here the step serves it itself while it lasts.
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/file_server.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

class OverlayUnpack final : public Action {
public:
    OverlayUnpack() : Action{"overlay-unpack", "transfer and unpack the overlay on the device"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto method = option("transfer_method", "http");
        if (method != "http") {
            errors.push_back("transfer_overlay: transfer_method '" + method + "' is not available here; use http");
        }
        for (const auto* key : {"download_command", "unpack_command"}) {
            if (option(key).empty()) errors.push_back("transfer_overlay: '" + std::string{key} + "' is missing");
        }
        if (job.settings.dispatcher_ip.empty()) {
            errors.push_back(
                "transfer_overlay: the runner's setting 'dispatcher_ip' is missing, so targets do not know where to "
                "fetch the overlay; set it, or use 'overlays: {lava: true}' on an image");
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& state = job.state(ns());
        if (!state.overlay) {
            throw JobError{"transfer_overlay: no deploy action of namespace '" + ns() +
                           "' made an overlay; the test needs a deploy in the same namespace"};
        }
        const auto archive = job.directory / ("overlay-" + level() + ".tar.gz");
        auto pack = [overlay = state.overlay, archive](const StopFlag& stop) {
            write_tar_gz(overlay->tree(), archive, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(pack));
        FileServer server{co_await asio::this_coro::executor, archive};
        co_await and_finally(transfer(job, server, archive.filename().string(), deadline), server.stop());
        // The drive would hide what was just unpacked.
        state.guest_disk.reset();
    }

private:
    std::string option(std::string_view key, std::string otherwise = {}) const {
        const auto* options = block().parameters.find("transfer_overlay");
        const auto* value = options ? options->find(key) : nullptr;
        const auto* text = value ? value->as_string() : nullptr;
        return text ? *text : std::move(otherwise);
    }

    Task<> transfer(JobContext& job, FileServer& server, std::string name, Deadline deadline) {
        auto& console = job.console(block());
        const auto url = "http://" + job.settings.dispatcher_ip + ":" + std::to_string(server.port()) + server.path();
        co_await console.command("rm -f " + name, deadline.at_most(connection_timeout()));
        co_await console.command(option("download_command") + " " + url, deadline.at_most(connection_timeout()));
        if (!server.delivered()) {
            throw InfrastructureError{"the target did not fetch the overlay from " + url +
                                      "; the console shows what it said: does it have '" + option("download_command") +
                                      "', and can it reach that address?"};
        }
        co_await console.command(option("unpack_command") + " " + name, deadline.at_most(connection_timeout()));
    }
};

}  // namespace

ActionPtr make_overlay_unpack() { return std::make_unique<OverlayUnpack>(); }

}  // namespace patchbay
