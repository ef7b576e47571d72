// SPDX-License-Identifier: Apache-2.0
#include "daemon/xmlrpc/jobs/find_job.hpp"

#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"

namespace patchbay::rpc {
namespace {

JobRow find(const RpcCall& call, const std::string& id, const Fault& missing, const Fault& hidden) {
    const auto number = find_job_id(call.lab.store.reader(), id);
    Jobs jobs{call.lab.store.reader()};
    if (!number || !jobs.submitter(*number)) throw missing;
    auto job = jobs.find(*number, call.viewer());
    if (!job) throw hidden;
    return std::move(*job);
}

}  // namespace

JobRow find_job(const RpcCall& call) {
    const auto id = call.text(0);
    return find(call, id, {404, "Job '" + id + "' was not found."},
                {403, "Job '" + id + "' not available to user '" + call.user_name() + "'."});
}

JobRow find_job_of_results(const RpcCall& call) {
    const auto id = call.text(0);
    return find(call, id, {404, "Specified job not found."}, {401, "Permission denied for user to job " + id});
}

}  // namespace patchbay::rpc
