// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/board/usb_bus.hpp"

#include "jobs/actions/container.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {

void give_usb_bus(const JobContext& job, Container& container) {
    const auto bus = job.settings.host_root / "dev/bus/usb";
    container.option("--volume=" + bus.string() + ":/dev/bus/usb");
    container.option("--device-cgroup-rule=c 189:* rmw");
}

}  // namespace patchbay
