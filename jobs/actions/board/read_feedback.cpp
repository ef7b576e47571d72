// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

/// What boards say while nobody waits for it would fill the buffers between them and us.
class ReadFeedback final : public Action {
public:
    ReadFeedback() : Action{"read-feedback", "read output of every console"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        for (auto& [name, state] : job.namespaces) {
            if (!state.console || !state.console->connected()) continue;
            // A board that never stops talking is left to itself after a while.
            const auto last = deadline.at_most(5s);
            bool any = false;
            while (!last.passed() && co_await state.console->listen(name, 200ms)) any = true;
            if (any) job.log.debug("Listened to connection for namespace '" + name + "'");
        }
    }
};

}  // namespace

ActionPtr make_read_feedback() { return std::make_unique<ReadFeedback>(); }

}  // namespace patchbay
