// SPDX-License-Identifier: Apache-2.0
// test: {monitors: [...]}: results from what the target prints by itself (lava_dispatcher/actions/test/monitor.py).
#include "jobs/results/monitor.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/test/test.hpp"

namespace patchbay {
namespace {

class TestMonitor final : public Action {
public:
    TestMonitor() : Action{"lava-test-monitor", "watch the console for results"} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        const auto* entries = block().parameters.find("monitors");
        if (!entries || !entries->as_list()) {
            errors.push_back("'monitors' must be a list");
            co_return;
        }
        for (const auto& entry : *entries->as_list()) {
            for (const auto* key : {"name", "start", "end", "pattern"}) {
                if (config::text_or_empty(entry.find(key)).empty())
                    errors.push_back("a monitor has no '" + std::string{key} + "'");
            }
        }
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::lava_timeout; }

    Task<> run(JobContext& job, Deadline deadline) override {
        started_ = Clock::now();
        auto& console = job.console(block());
        std::vector<Monitor> monitors;
        for (const auto& entry : *block().parameters.find("monitors")->as_list()) {
            monitors.emplace_back(settings_for(entry));
        }
        std::exception_ptr failure;
        try {
            for (auto& monitor : monitors) co_await watch(job, console, monitor, deadline);
        } catch (...) {
            failure = std::current_exception();
        }
        if (failure) {
            for (auto& monitor : monitors) log_effects(job, monitor.interrupted());
            std::rethrow_exception(failure);
        }
        report("status", "passed");
    }

private:
    MonitorSettings settings_for(const config::Value& entry) const {
        MonitorSettings settings;
        settings.name = config::text_or_empty(entry.find("name"));
        settings.start = config::text_or_empty(entry.find("start"));
        settings.end = config::text_or_empty(entry.find("end"));
        settings.pattern = config::text_or_empty(entry.find("pattern"));
        settings.fixup = read_fixup(entry.find("fixupdict"));
        settings.expected = read_texts(entry.find("expected"));
        settings.level = level();
        return settings;
    }

    Task<> watch(JobContext& job, ConsoleSession& console, Monitor& monitor, Deadline deadline) {
        const auto first = monitor.begin();
        job.log.write(first.level, first.text);
        for (;;) {
            const auto limit = deadline.at_most(connection_timeout());
            const auto match = co_await console.wait_some(monitor.patterns(), limit);
            if (!match && deadline.passed()) throw_timeout(Clock::now() - started_);
            if (!match && !monitor.started()) throw JobError{"wait for prompt timed out"};
            auto effects = match ? monitor.feed(*match) : monitor.timed_out();
            const auto outcome = co_await apply_effects(job, std::move(effects));
            if (outcome.raise) throw TestError{*outcome.raise};
            if (outcome.end || !match) co_return;
        }
    }

    Clock::time_point started_{};
};

class MonitorRetry final : public RetryAction {
public:
    MonitorRetry() : RetryAction{"lava-test-monitor-retry", "watch the console for results, again if it fails"} {
        add<TestMonitor>();
    }
};

}  // namespace

ActionPtr build_monitors(const ActionBlock&, const JobContext&) { return std::make_unique<MonitorRetry>(); }

}  // namespace patchbay
