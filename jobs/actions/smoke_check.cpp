// SPDX-License-Identifier: Apache-2.0
// command: {name: smoke-check}, ours: does the device do the least that every job needs? It is what the lab runs on
// devices that have no health check of their own.
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/direct_boot.hpp"
#include "devices/capability/power.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

/// How long a board stays dark; labgrid's power drivers wait as long (labgrid/driver/powerdriver.py).
constexpr auto dark = 2s;

class SmokeCheck final : public Action {
public:
    SmokeCheck() : Action{"smoke-check", "start the device and switch it off again"} {}

    /// A virtual machine: its program is there, and runs guests (KVM, else TCG).
    Task<> validate(JobContext& job, std::vector<std::string>&) override {
        auto* machine = job.device.find<DirectBoot>();
        if (!machine) co_return;
        const auto program = co_await machine->probe();
        job.log.info(program.package + ", installed at version: " + program.version +
                     ", host architecture: " + program.host_architecture);
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto& power = job.device.need<Power>();
        if (auto* machine = job.device.find<DirectBoot>()) {
            auto command = machine->command({});
            co_await machine->boot(std::move(command));
            job.log.info("the machine starts with the options of the device");
        } else {
            co_await power_board(job, power, deadline);
        }
        co_await power.off();
        job.log.info("the device is switched off");
    }

private:
    /// A board that has a console says something when it gets power: what its fingerprint states, if it has one.
    Task<> power_board(JobContext& job, Power& power, Deadline deadline) {
        auto* console = job.device.find<Console>();
        if (!console) {
            co_await cycle(power);
            job.log.info("the board has power");
            co_return;
        }
        co_await console->open();
        auto& session = job.attach_console(ns());
        co_await power.off();
        co_await sleep_for(dark);
        co_await session.forget();
        job.powered();
        co_await power.on();
        job.log.info("the board has power");
        co_await listen(job, session, deadline);
        job.log.info(job.description.fingerprint.empty() ? "its console speaks" : "its console is this device's");
    }

    /// The last time to compare is a little before the action's own, which would say only that time is over.
    Task<> listen(JobContext& job, ConsoleSession& session, Deadline deadline) {
        const Deadline last{deadline.at() - 1s};
        bool any = false;
        while (!any || !job.fingerprint->complete()) {
            if (!session.connected())
                throw InfrastructureError{"device " + job.device.name() + ": its console ended when it got power"};
            if (last.passed()) job.fingerprint->check(job.device.name());
            const bool more = co_await session.listen(ns(), last.passed() ? deadline.left() + 1s : last.left());
            any = any || more;
        }
    }
};

}  // namespace

ActionPtr build_smoke_check() { return std::make_unique<SmokeCheck>(); }

}  // namespace patchbay
