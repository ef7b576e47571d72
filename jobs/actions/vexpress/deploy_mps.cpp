// SPDX-License-Identifier: Apache-2.0
// deploy: {to: mps}: firmware and programs for an FPGA board of Arm's, onto the drive that it always shows.
#include <algorithm>
#include <fstream>

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/usb_drives.hpp"
#include "jobs/actions/vexpress/vexpress.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto recovery = "recovery_image";

/// The place of a file on the drive, from its top folder on.
bool is_place(const std::string& name) {
    const fs::path parts{name};
    const bool climbs = std::ranges::any_of(parts, [](const fs::path& part) { return part == ".." || part == "."; });
    return !climbs && !parts.is_absolute() && !name.ends_with('/') &&
           name.find_first_of("\\:*?\"<>|[]\n") == std::string::npos;
}

class DeployTestBinary final : public Action {
public:
    DeployTestBinary(VexpressDrivePtr board, std::string key, const config::Value& map)
        : Action{"deploy-mps-test-binary", "copy a program onto the drive of the board"},
          board_{std::move(board)},
          key_{std::move(key)},
          place_{config::string_or_empty(map.find("rename"))} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        board_->drive.validate(errors);
        if (!is_place(place_)) {
            errors.push_back("rename '" + place_ + "' of '" + key_ +
                             "' is no place on the board's drive; give it as 'SOFTWARE/mbed.bin'");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto& images = job.state(ns()).images;
        const auto image = std::ranges::find(images, key_, &DeployedImage::key);
        if (image == images.end()) throw LavaBug{"'" + key_ + "' was not downloaded"};
        co_await board_->drive.copy(job, image->path, deadline, place_);
    }

private:
    VexpressDrivePtr board_;
    std::string key_, place_;
};

/// The board starts anew when it finds this file, whose text it has to know.
class RebootText final : public Action {
public:
    explicit RebootText(VexpressDrivePtr board)
        : Action{"deploy-mps-reboot-txt", "have the board start anew, by a file on its drive"},
          board_{std::move(board)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (text(job).empty()) {
            errors.push_back(
                "the device's actions.deploy.methods.mps.parameters has no 'reboot-string', the text of the file by "
                "which the board starts anew; without such a file set 'hard-reboot: true'");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto file = job.directory / ("reboot-" + level()) / "reboot.txt";
        fs::create_directories(file.parent_path());
        std::ofstream{file} << text(job);
        co_await board_->drive.copy(job, file, deadline);
    }

private:
    static std::string text(const JobContext& job) {
        return config::text_or_empty(vexpress_parameters(job, "mps").find("reboot-string"));
    }

    VexpressDrivePtr board_;
};

class MpsDeploy final : public Action {
public:
    MpsDeploy() : Action{"mps-deploy", "copy firmware and programs onto the board"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto images = images_of(block());
        for (const auto& [key, image] : images) {
            if (key == recovery || key.starts_with("test_binary_") || (key == "test_binary" && images.size() == 1)) {
                continue;
            }
            errors.push_back("deploy to mps: '" + key +
                             "' is no image of such a board; use 'recovery_image' and 'test_binary', or several "
                             "'test_binary_…'");
        }
        co_await Action::validate(job, errors);
    }
};

bool reboots_hard(const JobContext& job) {
    const auto* flag = vexpress_parameters(job, "mps").find("hard-reboot");
    return flag && flag->as_bool() && *flag->as_bool();
}

}  // namespace

ActionPtr build_deploy_mps(const ActionBlock& block, const JobContext& job) {
    const auto board = vexpress_drive(job, "mps");
    auto images = images_of(block);
    auto deploy = std::make_unique<MpsDeploy>();
    deploy->add(make_disconnect_device());
    deploy->add(make_reset_device(job));
    deploy->add(make_wait_drive("wait-usb-mass-storage-device", board->drive));
    for (const auto& [key, image] : images) deploy->add(make_tool_image(key, image, "mps-deploy"));
    deploy->add(make_unmounted("mount-vexpress-usbmsd"));
    // The recovery image comes first: it removes all that is there.
    std::ranges::sort(images, {}, [](const auto& image) { return image.first; });
    for (const auto& [key, image] : images) {
        if (key == recovery) {
            deploy->add(make_extract_recovery_image(board));
            deploy->add(make_deploy_recovery_image(board));
        } else {
            deploy->add<DeployTestBinary>(board, key, image);
        }
    }
    if (reboots_hard(job)) {
        deploy->add(make_unmounted("unmount-vexpress-usbmsd"));
        deploy->add(make_power_off());
    } else {
        deploy->add<RebootText>(board);
        deploy->add(make_unmounted("unmount-vexpress-usbmsd"));
    }
    return deploy;
}

}  // namespace patchbay
