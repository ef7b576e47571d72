// SPDX-License-Identifier: Apache-2.0
// The end of every job: the device is switched off, what its consoles still said is logged. Failures here are
// logged, and the outcome says that the device may be on: whoever holds the lease brings it to its safe state then.
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

class ReadFeedback final : public Action {
public:
    ReadFeedback() : Action{"read-feedback", "read output of every console to its end"} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        for (auto& [name, state] : job.namespaces) {
            if (!state.console) continue;
            // The device is off: what is left in the pipe comes at once, or the stream has ended.
            const bool any = co_await state.console->drain(name, 200ms);
            if (any) job.log.debug("Listened to connection for namespace '" + name + "' for up to 1s");
            job.log.info("Finalising connection for namespace '" + name + "'");
            co_await state.console->close();
        }
    }
};

class Finalize final : public Action {
public:
    Finalize() : Action{"finalize", "finish the job"} {
        add(make_power_off());
        add<ReadFeedback>();
    }

    Task<> cleanup(JobContext& job) override {
        // Also when the job's time is used up, each step gets its own. What fails was logged by the step; the safe
        // state of the device, which comes after, finds out whether it is off.
        for (const auto& child : children()) {
            try {
                co_await child->execute(job, Deadline::never());
            } catch (const std::exception&) {
            }
        }
    }

protected:
    Task<> run(JobContext& job, Deadline) override { co_await cleanup(job); }
};

}  // namespace

ActionPtr build_finalize() { return std::make_unique<Finalize>(); }

}  // namespace patchbay
