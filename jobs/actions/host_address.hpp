// SPDX-License-Identifier: Apache-2.0
#pragma once
// At which address a job's device finds this host: what the lab's settings say, else what the device's Network says. A
// device that has none is told the address of the default route, as LAVA does.

#include <string>
#include <vector>

#include "jobs/actions/job_context.hpp"

namespace patchbay {

/// What the device wants of this host. The lab may have an address for each.
enum class HostService { http, tftp, nfs, nbd };

/// For a device that has no Network, where nothing is set.
void use_default_route(RunnerSettings& settings, const Device& device);

/// Throws: ConfigurationError, nobody can say it; InfrastructureError, the device's Network cannot say it now.
std::string host_address(const JobContext& job, HostService service);

/// For what may do without: empty instead of an error. What a Network said is in the log.
std::string host_address_if_known(const JobContext& job, HostService service);

/// For validate(): adds an error where nobody will be able to say it. A Network is not asked yet: what leads to a board
/// may come with the board.
void need_host_address(const JobContext& job, HostService service, std::vector<std::string>& errors);

}  // namespace patchbay
