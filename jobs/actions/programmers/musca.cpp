// SPDX-License-Identifier: Apache-2.0
// deploy: {to: musca} and boot: {method: musca}: a board of Arm's that takes its program by its drive
// (lava_dispatcher/actions/deploy/musca.py).
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/fat_drive.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/usb_drives.hpp"

namespace patchbay {
namespace {

/// The board's drive, as the steps of one deploy share it.
struct MuscaDrive {
    explicit MuscaDrive(std::string path) : drive{std::move(path)} {}
    FatDrive drive;
    std::optional<std::string> written;  ///< its mark before the program was copied
};
using MuscaDrivePtr = std::shared_ptr<MuscaDrive>;

class WaitMuscaPath final : public Action {
public:
    explicit WaitMuscaPath(MuscaDrivePtr musca)
        : Action{"wait-musca-path", "wait for the drive of the board"}, musca_{std::move(musca)} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }
    Task<> run(JobContext& job, Deadline) override { co_await musca_->drive.appear(job, musca_->written); }

private:
    MuscaDrivePtr musca_;
};

class DeployTestBinary final : public Action {
public:
    explicit DeployTestBinary(MuscaDrivePtr musca)
        : Action{"deploy-musca-test-binary", "copy the program onto the drive of the board"},
          musca_{std::move(musca)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        const auto* images = block().parameters.find("images");
        if (!images || !images->find("test_binary"))
            errors.push_back("deploy to musca needs 'images' with 'test_binary'");
        musca_->drive.validate(errors);
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        musca_->written = musca_->drive.mark(job);
        for (const auto& image : job.state(ns()).images) {
            if (image.key == "test_binary") co_await musca_->drive.copy(job, image.path, deadline);
        }
    }

private:
    MuscaDrivePtr musca_;
};

class CheckFlash final : public Action {
public:
    explicit CheckFlash(MuscaDrivePtr musca)
        : Action{"check-musca-flash", "look whether the board took the program"}, musca_{std::move(musca)} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto refusal = co_await musca_->drive.refusal(job, deadline);
        if (!refusal) co_return;
        throw InfrastructureError{"Flash failure indicated by presence of FAIL.TXT (Details: " + *refusal + ")"};
    }

private:
    MuscaDrivePtr musca_;
};

class MuscaDeploy final : public RetryAction {
public:
    explicit MuscaDeploy(MuscaDrivePtr musca)
        : RetryAction{"musca-deploy", "copy a program onto the board"}, musca_{std::move(musca)} {}

protected:
    Task<> attempt(JobContext& job, Deadline deadline) override {
        musca_->written.reset();
        co_await RetryAction::attempt(job, deadline);
    }

private:
    MuscaDrivePtr musca_;
};

class MuscaBoot final : public RetryAction {
public:
    MuscaBoot() : RetryAction{"musca-boot", "start what the board has"} {}
};

std::string drive_path(const JobContext& job) {
    const auto* method = job.description.deploy_methods.find("musca");
    const auto id = config::text_or_empty(method ? method->find("id_serial") : nullptr);
    return id.empty() ? std::string{} : "/dev/disk/by-id/" + id;
}

}  // namespace

ActionPtr build_deploy_musca(const ActionBlock& block, const JobContext& job) {
    const auto musca = std::make_shared<MuscaDrive>(drive_path(job));
    auto deploy = std::make_unique<MuscaDeploy>(musca);
    deploy->add(make_disconnect_device());
    for (const auto& [key, image] : images_of(block)) deploy->add(make_tool_image(key, image, "musca-deploy"));
    deploy->add(make_reset_device(job));
    const auto use = [&](ActionPtr step) {
        deploy->add<WaitMuscaPath>(musca);
        deploy->add(make_unmounted("mount-musca-usbmsd"));
        deploy->add(std::move(step));
        deploy->add(make_unmounted("unmount-musca-usbmsd"));
    };
    use(std::make_unique<DeployTestBinary>(musca));
    use(std::make_unique<CheckFlash>(musca));
    return deploy;
}

ActionPtr build_boot_musca(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<MuscaBoot>();
    boot->add(make_reset_device(job));
    boot->add(make_wait_usb_serial(job));
    boot->add(make_connect_device());
    add_boot_tail(*boot, block, job);
    return boot;
}

}  // namespace patchbay
