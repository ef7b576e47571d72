// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/usb_drives.hpp"

#include "jobs/actions/board/board.hpp"
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

/// A block of steps below a refused one.
class Steps final : public Action {
public:
    explicit Steps(std::string name) : Action{std::move(name), "not available"} {}
};

}  // namespace

ActionPtr build_deploy_vemsd(const ActionBlock& block, const JobContext& job) {
    auto retry = std::make_unique<Refused>(
        "vexpress-fw-deploy-retry",
        "deploy to vemsd is not available: the board shows its drive only when its controller is told to on a console "
        "of its own; write the firmware with a user command of the device ('command: {name: ...}')");
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

}  // namespace patchbay
