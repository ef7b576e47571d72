// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/bootloader/loader_action.hpp"

#include "jobs/actions/bootloader/hold_dialogue.hpp"

namespace patchbay {
namespace {

/// Whatever comes of a dialogue, the system that boots then has its own line ends.
class LineEnds {
public:
    LineEnds(ConsoleSession& console, std::string newline) : console_{console} {
        console_.newline = std::move(newline);
    }
    ~LineEnds() { console_.newline = "\n"; }
    LineEnds(const LineEnds&) = delete;

private:
    ConsoleSession& console_;
};

}  // namespace

Task<> LoaderAction::hold(JobContext& job, Dialogue& dialogue, Deadline deadline, std::string newline) {
    const auto start = Clock::now();
    auto& console = job.console(block());
    const LineEnds line_ends{console, std::move(newline)};
    const bool ended = co_await hold_dialogue(job, console, dialogue, name(), deadline);
    if (!ended) throw_timeout(Clock::now() - start);
}

}  // namespace patchbay
