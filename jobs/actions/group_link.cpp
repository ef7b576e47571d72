// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/group_link.hpp"

#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

/// LAVA's for joining (lava_dispatcher/protocols/multinode.py, system_timeout).
constexpr auto join_time = 90s;

}  // namespace

Task<> join_group(JobContext& job) {
    const auto& group = job.definition.multinode;
    if (!group) co_return;
    if (!job.group)
        throw JobError{"the job is a part of the multinode group '" + group->target_group +
                       "', and its parts find each other only in a lab; submit the whole job to one"};
    job.log.debug("Initialising group " + group->target_group);
    GroupCall call;
    call.kind = GroupCall::Kind::join;
    const auto answer = co_await job.group->ask(std::move(call), Deadline::in(join_time));
    if (!answer)
        raise(ErrorType::multinode_timeout,
              "protocol lava-multinode timed out: not every job of the group began "
              "within 90 s; see the logs of the others");
    for (const auto& [id, role] : group->roles) job.log.debug("group roles:\t" + id + "\t" + role);
    job.log.debug("lava-multinode protocol initialised");
}

}  // namespace patchbay
