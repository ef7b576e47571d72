// SPDX-License-Identifier: Apache-2.0
// What becomes of the board when a person's lease ends.
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/try_step.hpp"
#include "jobs/runner/device_commands.hpp"
#include "jobs/runner/session.hpp"

namespace patchbay {
namespace {

/// For the safe state, beside what the device's file allows for its power-off.
constexpr auto safe_time = 120s;

std::chrono::seconds power_off_time(const DeviceDescription& device) {
    const auto found = device.action_timeouts.find("power-off");
    return found == device.action_timeouts.end() ? std::chrono::seconds{0} : found->second;
}

Task<> stop(TaskGroup& group) {
    group.cancel();
    co_await group.join();
}

}  // namespace

/// While the console can still be heard: make_safe() closes it. `group` gets its reader and its writer.
Task<> BoardSession::open_supply(Device& device, TaskGroup& group) {
    auto* supply = device.find<Power>();
    auto* console = witness_.if_open();
    if (!supply || !console || !supply->is_off_between_leases()) co_return;
    keys_.clear();  // nobody waits for them any more
    group.spawn("console", keep_console(device));
    group.spawn("keys", type(device));
    const auto known = co_await switch_off_and_listen(*supply, console, lease_.device);
    if (known == KnownBy::silence) log_.info("power is off: the console is silent");
}

/// Every part of it, whatever the others did.
Task<> BoardSession::switch_off(Device& device, std::shared_ptr<ProcessScope> scope) {
    Failures failures;
    TaskGroup group{executor_};
    const std::function<void(std::string_view)> on_line = [this](std::string_view line) {
        log_.debug(">> " + std::string{line});
    };
    const std::string name = "power_off";
    co_await try_step(failures,
                      run_device_commands(lease_.description, name, lease_.display_id, Deadline::never(), on_line));
    try {
        co_await and_finally(open_supply(device, group), stop(group));
    } catch (const StillOnError&) {
        failures.add(std::current_exception());
    } catch (const InfrastructureError&) {  // make_safe() meets it again
    } catch (...) {
        failures.add(std::current_exception());
    }
    co_await try_step(failures, device.make_safe());
    co_await try_step(failures, scope->kill_all());
    failures.raise_if_any();
}

Task<> BoardSession::make_safe(Device& device, std::shared_ptr<ProcessScope> scope) {
    const auto deadline = Deadline::in(safe_time + power_off_time(lease_.description));
    std::exception_ptr failure;
    try {
        co_await with_deadline(deadline, "safe state of " + lease_.device, switch_off(device, scope));
    } catch (...) {
        failure = std::current_exception();
    }
    if (!failure) co_return;
    safe_ = false;
    log_.error("the device could not be brought to its safe state: " + describe(failure));
}

}  // namespace patchbay
