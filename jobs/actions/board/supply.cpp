// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/board/supply.hpp"

#include "jobs/actions/job_context.hpp"
#include "jobs/console/read_until.hpp"
#include "jobs/console/silence.hpp"

namespace patchbay {
namespace {

/// What it hears is logged, and passes for nothing else: no later wait finds it.
class JobWitness final : public Witness {
public:
    explicit JobWitness(ConsoleSession& console) : console_{console} {}

    Task<std::string> hear(Clock::duration time) override {
        console_.take_buffered();
        co_await read_until(console_, Deadline::in(time));  // its end goes with the supply
        co_return console_.take_buffered();
    }

    Task<> call() override {
        const auto end = Deadline::in(1s);
        auto line = console_.newline;
        try {
            co_await with_deadline(end, "console", console_.send(std::move(line)));
        } catch (const TimedOut&) {
        } catch (const ConnectionClosedError&) {
        }
    }

    bool has_spoken() const override { return console_.received() > 0; }

private:
    ConsoleSession& console_;
};

/// The console of a program says nothing of the board.
ConsoleSession* open_console(JobContext& job) {
    for (auto& [name, state] : job.namespaces) {
        if (state.console && !state.program && state.console->connected()) return state.console.get();
    }
    return nullptr;
}

}  // namespace

Task<> open_supply(JobContext& job, Power& power) {
    auto* console = open_console(job);
    std::optional<JobWitness> witness;
    if (console) witness.emplace(*console);
    auto known = KnownBy::nothing;
    try {
        known = co_await switch_off_and_listen(power, witness ? &*witness : nullptr, job.device.name());
    } catch (const StillOnError&) {
        job.power_off_failed = true;
        throw;
    }
    if (known == KnownBy::silence) job.log.debug("power is off: the console of the device is silent");
}

}  // namespace patchbay
