// SPDX-License-Identifier: Apache-2.0
// transfer_overlay: the target fetches the overlay and unpacks it. Needs a file server on this host, which QEMU jobs
// do not have yet: the overlay reaches them in their ramdisk or on a drive.
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

class OverlayUnpack final : public Action {
public:
    OverlayUnpack() : Action{"overlay-unpack", "transfer and unpack the overlay on the device"} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        errors.push_back(
            "transfer_overlay is not available on this device; put 'overlays: {lava: true}' on an image, or leave it "
            "out: the overlay then comes on a drive of its own");
        co_return;
    }

protected:
    Task<> run(JobContext&, Deadline) override { co_return; }
};

}  // namespace

ActionPtr make_overlay_unpack() { return std::make_unique<OverlayUnpack>(); }

}  // namespace patchbay
