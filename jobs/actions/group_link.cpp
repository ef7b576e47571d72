// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/group_link.hpp"

#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

/// LAVA's for joining (lava_dispatcher/protocols/multinode.py, system_timeout).
constexpr auto join_time = 90s;

}  // namespace

namespace {

/// Another role says when this one begins (lava_dispatcher/protocols/multinode.py, delayed start).
Task<> wait_for_start(JobContext& job, const Multinode& group) {
    if (group.start_after.empty()) co_return;
    const auto limit = std::to_string(group.start_timeout.count());
    job.log.info("lava-multinode protocol initialised - start is delayed by up to " + limit + " seconds");
    GroupCall call;
    call.kind = GroupCall::Kind::wait_all;
    call.id = "lava_start";
    call.role = group.start_after;
    const auto answer = co_await job.group->ask(std::move(call), Deadline::in(group.start_timeout));
    if (!answer)
        raise(ErrorType::multinode_timeout, "protocol lava-multinode timed out: role '" + group.start_after +
                                                "' sent no lava_start within " + limit + " s");
    if (!answer->refused.empty()) throw JobError{"lava-start: " + answer->refused};
    job.log.info("Starting: role '" + group.start_after + "' has sent lava_start");
}

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
    co_await wait_for_start(job, *group);
}

}  // namespace patchbay
