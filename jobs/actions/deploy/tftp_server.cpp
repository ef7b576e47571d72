// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/tftp_server.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {

void check_tftp(const JobContext& job, std::vector<std::string>& errors) {
    need_host_address(job, HostService::tftp, errors);
    const auto& root = job.settings.tftp_root;
    if (!root.empty() && ::access(root.c_str(), W_OK | X_OK) != 0) {
        errors.push_back("nothing can be written into '" + root.string() + "', which boards fetch from: " +
                         std::strerror(errno) + "; 'tftp_root' in lab.yaml names it (docs/tftp.md)");
    }
}

}  // namespace patchbay
