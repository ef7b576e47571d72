// SPDX-License-Identifier: Apache-2.0
#include "devices/capability/power.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/supply.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

bool has_hard_reset(const JobContext& job) { return job.description.commands.contains("hard_reset"); }

constexpr auto dark = 2s;  // what cycle() waits

/// What the board said before it is cut must not pass for what it says when it starts.
Task<> forget_old_words(JobContext& job, std::string ns) {
    const auto& console = job.state(ns).console;
    if (console) co_await console->forget();
}

/// cycle(), but what comes until the board is dark is forgotten, too.
Task<Switched> cut(JobContext& job, std::string ns) {
    auto& power = job.device.need<Power>();
    co_await open_supply(job, power);
    co_await sleep_for(dark);
    co_await forget_old_words(job, std::move(ns));
    co_return co_await power.on();
}

/// LAVA's labs have a command for it; ours a supply.
class PduReboot final : public Action {
public:
    PduReboot() : Action{"pdu-reboot", "issue commands to a power control device"} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto switched = co_await reboot_board(job, ns(), deadline);
        if (!has_hard_reset(job))
            job.log.debug(switched == Switched::verified ? "power is cycled, and reads back on" : "power is cycled");
        report("status", "success");
    }
};

/// Without a way to cut the supply: the running system is asked on its console.
class SendRebootCommands final : public Action {
public:
    SendRebootCommands() : Action{"send-reboot-commands", "issue a reboot command on the device"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& console = job.console(block());
        const auto done = PatternSet::of({shutdown_message(job)});
        for (const auto& command : commands(job)) {
            co_await console.send_line(command);
            if (co_await console.wait_some(done, deadline.at_most(connection_timeout()))) {
                report("status", "success");
                co_return;
            }
        }
        throw JobError{"Soft reboot failed."};
    }

private:
    std::vector<std::string> commands(const JobContext& job) const {
        if (const auto* own = block().parameters.find("soft_reboot")) {
            if (own->is_string()) return {*own->as_string()};
            std::vector<std::string> texts;
            if (const auto* list = own->as_list()) {
                for (const auto& each : *list) texts.push_back(config::python_str(each));
            }
            return texts;
        }
        const auto device = job.description.commands.find("soft_reboot");
        if (device != job.description.commands.end()) return device->second.run;
        return {"reboot", "reboot -n", "reboot -nf"};
    }

    std::string shutdown_message(const JobContext& job) const {
        const auto* parameters = block().parameters.find("parameters");
        const auto* own = parameters ? parameters->find("shutdown-message") : nullptr;
        return own ? config::python_str(*own)
                   : job.constant("shutdown-message", "The system is going down for reboot NOW");
    }
};

class ResetDevice final : public Action {
public:
    explicit ResetDevice(bool has_supply) : Action{"reset-device", "reboot or power-cycle the device"} {
        if (has_supply) {
            add<PduReboot>();
        } else {
            add<SendRebootCommands>();
        }
    }
};

class DeviceCommand final : public Action {
public:
    DeviceCommand(std::string action, std::string command, std::string failure, IfMissing if_missing)
        : Action{std::move(action), "run a command of the device's file"},
          command_{std::move(command)},
          failure_{std::move(failure)},
          if_missing_{if_missing} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (if_missing_ == IfMissing::refuse && !job.description.commands.contains(command_))
            errors.push_back("Command '" + command_ + "' not defined for this device");
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto found = job.description.commands.find(command_);
        if (found == job.description.commands.end()) co_return;
        co_await run_local_commands(job, found->second.run, deadline, failure_);
    }

private:
    std::string command_, failure_;
    IfMissing if_missing_;
};

}  // namespace

ActionPtr make_reset_device(const JobContext& job) {
    return std::make_unique<ResetDevice>(has_hard_reset(job) || job.device.find<Power>() != nullptr);
}

Task<Switched> reboot_board(JobContext& job, std::string ns, Deadline deadline) {
    co_await forget_old_words(job, ns);
    job.powered();  // what the board says while the commands run counts, too
    if (!has_hard_reset(job)) co_return co_await cut(job, std::move(ns));
    co_await run_local_commands(job, job.description.commands.at("hard_reset").run, deadline, "Unable to reboot: ");
    co_return Switched::unverified;
}

ActionPtr make_pdu_reboot() { return std::make_unique<PduReboot>(); }

ActionPtr make_device_command(std::string action, std::string command, std::string failure, IfMissing if_missing) {
    return std::make_unique<DeviceCommand>(std::move(action), std::move(command), std::move(failure), if_missing);
}

}  // namespace patchbay
