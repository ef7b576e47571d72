// SPDX-License-Identifier: Apache-2.0
// configure-preseed-file (lava_dispatcher/actions/deploy/apply_overlay.py).
#include "jobs/actions/deploy/preseed.hpp"

#include <sstream>

#include "core/whole_file.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

// The overlay is in the installer's own ramdisk; what it installs is below /target.
constexpr auto debian_command = "cp -r /lava-* /target/ || true";

class ConfigurePreseed final : public Action {
public:
    explicit ConfigurePreseed(BoardDeployPtr board)
        : Action{"configure-preseed-file", "add commands to automated installers"}, board_{std::move(board)} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        auto& state = job.state(ns());
        const auto file = state.boot.files.find("preseed");
        const bool debian = board_->os == "debian_installer", centos = board_->os == "centos_installer";
        if (file == state.boot.files.end() || !state.overlay || !(debian || centos)) co_return;
        job.log.debug("Adding a command to " + file->second.string());
        std::string url;
        if (centos) url = co_await offer_overlay(job, file->second.parent_path());
        // The file is a stranger's, and may be large.
        auto rewrite = [path = file->second, debian, url](const StopFlag&) {
            const auto text = read_whole_file(path);
            auto new_text = debian ? with_late_command(text, debian_command) : with_overlay_post(text, url);
            write_whole_file(path, new_text);
            return new_text;
        };
        auto changed = co_await interruptible(job.workers, std::move(rewrite));
        if (centos && board_->changes_ramdisk()) co_await put_into_ramdisk(job, std::move(changed));
    }

private:
    /// Anaconda takes its answers from the ramdisk.
    Task<> put_into_ramdisk(JobContext& job, std::string text) {
        auto work = [text = std::move(text), ramdisk = job.state(ns()).boot.files.at("ramdisk")](const StopFlag& stop) {
            OverlayTree tree;
            tree.add_file("preseed.cfg", text);
            append_to_initramfs(ramdisk, tree, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
    }

    Task<std::string> offer_overlay(JobContext& job, fs::path folder) {
        const auto archive = folder / "overlay.tar.gz";
        auto work = [overlay = job.state(ns()).overlay, archive](const StopFlag& stop) {
            write_tar_gz(overlay->tree(), archive, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
        publish(job, archive);
        co_return "tftp://" + host_address(job, HostService::tftp) + "/" + job.tftp_name(archive);
    }

    BoardDeployPtr board_;
};

}  // namespace

std::string with_late_command(const std::string& preseed, const std::string& command) {
    constexpr std::string_view key = "d-i preseed/late_command string";
    std::istringstream lines{preseed};
    std::string result;
    bool inside = false, added = false;
    for (std::string line; std::getline(lines, line);) {
        inside = inside || line.starts_with(key);
        const bool goes_on = line.ends_with('\\');
        if (inside && !goes_on) {
            const bool bare = line.find_first_not_of(' ', key.size()) == std::string::npos && line.starts_with(key);
            line += (bare ? " " : "; ") + command;
            added = true;
            inside = false;
        }
        result += line + "\n";
    }
    if (!added) result += std::string{key} + " " + command + "\n";
    return result;
}

std::string with_overlay_post(const std::string& kickstart, const std::string& overlay_url) {
    const std::string separator = kickstart.empty() || kickstart.ends_with('\n') ? "" : "\n";
    return kickstart + separator + "%post\ncurl " + overlay_url +
           " > /lava-overlay.tar.gz\ntar -zxvf /lava-overlay.tar.gz -C /\n%end\n";
}

ActionPtr make_configure_preseed(BoardDeployPtr board) { return std::make_unique<ConfigurePreseed>(std::move(board)); }

}  // namespace patchbay
