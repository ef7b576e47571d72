// SPDX-License-Identifier: Apache-2.0
// transfer_overlay: the target fetches the overlay and unpacks it (lava_dispatcher/actions/boot/__init__.py). LAVA
// leaves the file to the worker's web server; here the step serves it itself while it lasts.
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/boot/run_on_target.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/host_address.hpp"
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
        const auto method = transfer_method();
        if (method != "http" && method != "nfs") {
            errors.push_back("transfer_overlay: transfer_method '" + method +
                             "' is not available here; use http or nfs");
        }
        for (const auto* key : {"download_command", "unpack_command"}) {
            if (option(key).empty()) errors.push_back("transfer_overlay: '" + std::string{key} + "' is missing");
        }
        need_host_address(job, transfer_method() == "nfs" ? HostService::nfs : HostService::http, errors);
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
        if (transfer_method() == "nfs") {
            const auto folder = nfs_folder(job);
            co_await and_finally(mount_and_copy(job, archive, folder, deadline), remove_folder(folder));
        } else {
            FileServer server{co_await asio::this_coro::executor, archive};
            co_await and_finally(transfer(job, server, archive.filename().string(), deadline), server.stop());
        }
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

    std::string transfer_method() const { return option("transfer_method", "http"); }

    std::filesystem::path nfs_folder(const JobContext& job) const {
        const auto exported =
            job.settings.nfs_root.empty() ? job.directory : job.settings.nfs_root / job.directory.filename();
        return exported / ("overlay-" + level());
    }

    static Task<> remove_folder(std::filesystem::path folder) {
        std::error_code ignored;  // the job's folder goes at its end, too
        std::filesystem::remove_all(folder, ignored);
        co_return;
    }

    /// The target mounts the unpacked overlay and copies it.
    Task<> mount_and_copy(JobContext& job, std::filesystem::path archive, std::filesystem::path folder,
                          Deadline deadline) {
        UnpackOptions options;
        options.shown = "the overlay";
        options.limits.bytes = job.settings.unpack_limit;
        co_await unpack(job, archive, folder, options);
        auto& console = job.console(block());
        const auto mount = "/" + folder.filename().string();
        const auto server = host_address(job, HostService::nfs);
        const auto source = server + ":" + folder.string();
        const auto mounting = "mkdir -p " + mount + " && " + option("download_command") + " " + source + " " + mount;
        const int mounted = co_await run_on_target(console, mounting, deadline);
        if (mounted != 0) {
            throw InfrastructureError{failure(mounting, mounted) + "; does the target's kernel have NFS, and does " +
                                      server + " export " + folder.parent_path().string() + "?"};
        }
        const auto copying = option("unpack_command") + " " + mount + "/* /";
        const int copied = co_await run_on_target(console, copying, deadline);
        // Without the unmount, rm would remove what the server has.
        const auto leaving = "umount " + mount + " && rm -fr " + mount;
        const int left = co_await run_on_target(console, leaving, deadline);
        if (left != 0) job.log.warning(failure(leaving, left) + "; the folder stays on the target");
        if (copied != 0) throw JobError{failure(copying, copied) + "; " + std::string{unpack_help}};
    }

    Task<> transfer(JobContext& job, FileServer& server, std::string name, Deadline deadline) {
        auto& console = job.console(block());
        const auto host = host_address(job, HostService::http);
        const auto url = "http://" + host + ":" + std::to_string(server.port()) + server.path();
        co_await console.command("rm -f " + name, deadline.at_most(connection_timeout()));
        const auto fetching = option("download_command") + " " + url;
        const int fetched = co_await run_on_target(console, fetching, deadline);
        if (!server.delivered()) {
            throw InfrastructureError{"the target did not fetch the overlay from " + url +
                                      "; the console shows what it said: does it have '" + option("download_command") +
                                      "', and can it reach that address?"};
        }
        if (fetched != 0) throw JobError{failure(fetching, fetched) + "; " + std::string{unpack_help}};
        const auto unpacking = option("unpack_command") + " " + name;
        const int unpacked = co_await run_on_target(console, unpacking, deadline);
        if (unpacked != 0) throw JobError{failure(unpacking, unpacked) + "; " + std::string{unpack_help}};
    }

    static constexpr std::string_view unpack_help =
        "the console shows what it said: does the target have the program, and room for the overlay?";

    static std::string failure(const std::string& line, int code) {
        return failure_on_target("transfer_overlay", line, code);
    }

    Task<int> run_on_target(ConsoleSession& console, std::string line, Deadline deadline) {
        co_return co_await patchbay::run_on_target(console, "transfer_overlay", std::move(line),
                                                   deadline.at_most(connection_timeout()));
    }
};

}  // namespace

ActionPtr make_overlay_unpack() { return std::make_unique<OverlayUnpack>(); }

}  // namespace patchbay
