// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/usb_drives.hpp"

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

/// A step that is never reached.
class NotHere final : public Action {
public:
    explicit NotHere(const char* name) : Action{name, "not available"} {}

protected:
    Task<> run(JobContext&, Deadline) override {
        throw LavaBug{name() + " was reached, though its method is refused"};
        co_return;
    }
};

class Refused final : public RetryAction {
public:
    Refused(std::string name, std::string why) : RetryAction{std::move(name), "not available"}, why_{std::move(why)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        errors.push_back(why_);
        co_return;
    }

private:
    std::string why_;
};

class MuscaBoot final : public RetryAction {
public:
    MuscaBoot() : RetryAction{"musca-boot", "start what the board has"} {}
};

/// A block of steps below a refused one.
class Steps final : public Action {
public:
    explicit Steps(std::string name) : Action{std::move(name), "not available"} {}
};

std::string refusal(const std::string& method, const std::string& instead) {
    return method + " writes files to a drive that the board shows, and the runner may not mount drives; " + instead;
}

}  // namespace

ActionPtr build_deploy_musca(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<Refused>(
        "musca-deploy", refusal("deploy to musca", "deploy to tmpfs and use boot method pyocd or openocd"));
    deploy->add(make_disconnect_device());
    for (const auto& [key, image] : images_of(block)) deploy->add(make_tool_image(key, image, "musca-deploy"));
    deploy->add(make_reset_device(job));
    for (const auto* name :
         {"wait-musca-path", "mount-musca-usbmsd", "deploy-musca-test-binary", "unmount-musca-usbmsd",
          "wait-musca-path", "mount-musca-usbmsd", "check-musca-flash", "unmount-musca-usbmsd"}) {
        deploy->add<NotHere>(name);
    }
    return deploy;
}

/// This one needs no drive: the board starts what it has.
ActionPtr build_boot_musca(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<MuscaBoot>();
    boot->add(make_reset_device(job));
    boot->add(make_wait_usb_serial(job));
    boot->add(make_connect_device());
    add_boot_tail(*boot, block, job);
    return boot;
}

ActionPtr build_deploy_vemsd(const ActionBlock& block, const JobContext& job) {
    auto retry = std::make_unique<Refused>(
        "vexpress-fw-deploy-retry",
        refusal("deploy to vemsd", "write the firmware with a user command of the device ('command: {name: ...}')"));
    auto& deploy = retry->add<Steps>("vexpress-fw-deploy");
    if (const auto* image = block.parameters.find("recovery_image")) {
        deploy.add(make_tool_image("recovery_image", *image, "vexpress-fw-deploy"));
    }
    deploy.add(make_connect_device());
    deploy.add(make_reset_device(job));
    for (const auto* name : {"extract-vexpress-recovery-image", "enter-vexpress-mcc", "enable-vexpress-usbmsd",
                             "wait-usb-mass-storage-device", "mount-vexpress-usbmsd", "deploy-vexpress-recovery-image",
                             "unmount-vexpress-usbmsd", "erase-vexpress-flash"}) {
        deploy.add<NotHere>(name);
    }
    return retry;
}

ActionPtr build_boot_cmsis(const ActionBlock&, const JobContext& job) {
    auto boot =
        std::make_unique<Refused>("boot-cmsis-retry", refusal("boot method cmsis-dap", "use boot method pyocd"));
    boot->add<NotHere>("flash-cmsis");
    boot->add(make_wait_usb_serial(job));
    boot->add(make_connect_device());
    return boot;
}

}  // namespace patchbay
