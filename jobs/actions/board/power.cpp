// SPDX-License-Identifier: Apache-2.0
// The supply of a device by the lab's commands, and by ours where it has one (lava_dispatcher/power.py).
#include "devices/capability/power.hpp"
#include "devices/capability/direct_boot.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/supply.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

class PowerOff final : public Action {
public:
    PowerOff() : Action{"power-off", "send power_off command"} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const bool has_command = job.description.commands.contains("power_off");
        co_await switch_off(job, deadline);
        if (has_command) report("status", "success");
    }
};

class PowerOn final : public Action {
public:
    PowerOn() : Action{"power-on", "send power_on command"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!job.description.commands.contains("power_on") && !job.device.find<Power>()) {
            errors.push_back("Device " + job.device.name() +
                             " cannot be switched on; give it commands.power_on, or a supply under 'hardware'");
        }
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        co_await switch_on(job, deadline);
        report("status", "success");
    }
};

/// What the supply gets when the lab's command has used up the time.
constexpr auto least_time = 20s;

Task<> run_power_off(JobContext& job, Deadline deadline) {
    const auto command = job.description.commands.find("power_off");
    if (command == job.description.commands.end()) co_return;
    job.power_off_failed = true;  // until it has not
    co_await run_local_commands(job, command->second.run, deadline, "Unable to power-off: ");
    job.power_off_failed = false;
}

Task<> finally_open_supply(JobContext& job, Deadline deadline) {
    auto* power = job.device.find<Power>();
    if (!power) co_return;
    const Deadline limit{std::max(deadline.at(), Deadline::in(least_time).at())};
    co_await with_deadline(limit, "switching off the supply of " + job.device.name(), open_supply(job, *power));
}

}  // namespace

Task<> switch_off(JobContext& job, Deadline deadline) {
    co_await and_finally(run_power_off(job, deadline), finally_open_supply(job, deadline));
}

Task<> switch_on(JobContext& job, Deadline deadline) {
    job.powered();
    for (const auto* name : {"pre_power_command", "power_on"}) {
        const auto command = job.description.commands.find(name);
        if (command == job.description.commands.end()) continue;
        co_await run_local_commands(job, command->second.run, deadline, "Unable to power-on: ");
    }
    if (auto* power = job.device.find<Power>()) co_await power->on();
}

bool is_resettable(const JobContext& job) {
    const bool has_supply = job.device.find<Power>() && !job.device.find<DirectBoot>();
    return has_supply || job.description.commands.contains("hard_reset");
}

ActionPtr make_power_off() { return std::make_unique<PowerOff>(); }
ActionPtr make_power_on() { return std::make_unique<PowerOn>(); }

}  // namespace patchbay
