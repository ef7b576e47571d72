// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/vexpress/vexpress.hpp"
#include "jobs/download/interruptible.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr auto key = "recovery_image";

/// What is copied may be a link to any file that the runner may read.
void refuse_links(const fs::path& folder, const StopFlag& stop) {
    for (const auto& entry : fs::recursive_directory_iterator{folder}) {
        if (stop) throw Stopped{};
        if (!entry.is_symlink() && (entry.is_directory() || entry.is_regular_file())) continue;
        throw JobError{"the recovery image holds '" + entry.path().lexically_relative(folder).string() +
                       "', which is no file and no folder, and a FAT drive holds nothing else; pack it anew"};
    }
}

class ExtractRecoveryImage final : public Action {
public:
    explicit ExtractRecoveryImage(VexpressDrivePtr board)
        : Action{"extract-vexpress-recovery-image", "unpack the recovery image"}, board_{std::move(board)} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        const auto& images = job.state(ns()).images;
        const auto image = std::ranges::find(images, key, &DeployedImage::key);
        if (image == images.end()) throw LavaBug{"the recovery image was not downloaded"};
        board_->image = image->path;
        if (!fs::is_directory(board_->image)) co_await unpack_it(job, image->path);
        auto check = [folder = board_->image](const StopFlag& stop) {
            refuse_links(folder, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(check));
        job.log.debug("Extracted recovery_image to " + board_->image.string());
    }

private:
    Task<> unpack_it(JobContext& job, fs::path archive) {
        board_->image = job.directory / (name() + "-" + level());
        fs::remove_all(board_->image);  // of a try before
        UnpackOptions options;
        options.shown = key;
        co_await unpack(job, archive, board_->image, std::move(options));
    }

    VexpressDrivePtr board_;
};

class DeployRecoveryImage final : public Action {
public:
    explicit DeployRecoveryImage(VexpressDrivePtr board)
        : Action{"deploy-vexpress-recovery-image", "copy what is in the recovery image onto the drive of the board"},
          board_{std::move(board)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        board_->drive.validate(errors);
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        job.log.debug("Removing what is on the drive, and copying the recovery image onto it");
        co_await board_->drive.replace_all(job, board_->image, deadline);
    }

private:
    VexpressDrivePtr board_;
};

}  // namespace

const config::Value& vexpress_parameters(const JobContext& job, std::string_view method) {
    static const config::Value none;
    const auto* found = job.description.deploy_methods.find(method);
    const auto* parameters = found ? found->find("parameters") : nullptr;
    return parameters ? *parameters : none;
}

VexpressDrivePtr vexpress_drive(const JobContext& job, std::string_view method) {
    const auto node = config::text_or_empty(vexpress_parameters(job, method).find("usb_mass_device"));
    return std::make_shared<VexpressDrive>(node.empty() ? FatDrive::labelled(device_value(job, "usb_filesystem_label"))
                                                        : FatDrive{node});
}

ActionPtr make_extract_recovery_image(VexpressDrivePtr board) {
    return std::make_unique<ExtractRecoveryImage>(std::move(board));
}
ActionPtr make_deploy_recovery_image(VexpressDrivePtr board) {
    return std::make_unique<DeployRecoveryImage>(std::move(board));
}

}  // namespace patchbay
