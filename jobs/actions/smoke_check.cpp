// SPDX-License-Identifier: Apache-2.0
// command: {name: smoke-check}, ours: does the device do the least that every job needs? It is what the lab runs on
// devices that have no health check of their own.
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/direct_boot.hpp"
#include "devices/capability/power.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

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
        if (auto* machine = job.device.find<DirectBoot>()) {
            auto command = machine->command({});
            co_await machine->boot(std::move(command));
            job.log.info("the machine starts with the options of the device");
        } else {
            co_await try_board(job, deadline);
        }
        if (!can_be_switched(job)) co_return;
        co_await switch_off(job, deadline);
        job.log.info("the device is switched off");
    }

private:
    static bool can_be_switched(const JobContext& job) {
        return job.device.find<Power>() || is_resettable(job) || job.description.commands.contains("power_on");
    }

    /// A board that has a console says something when it gets power: what its fingerprint states, if it has one.
    Task<> try_board(JobContext& job, Deadline deadline) {
        auto* console = job.device.find<Console>();
        if (console) co_await console->open();
        if (!can_be_switched(job)) {
            job.log.info(console ? "its console can be opened; nothing here switches the board on"
                                 : "nothing here switches the board on or hears it: it is not checked");
            co_return;
        }
        auto* session = console ? &job.attach_console(ns()) : nullptr;
        if (is_resettable(job)) {
            co_await reboot_board(job, ns(), deadline);
        } else {
            if (session) co_await session->forget();
            co_await switch_on(job, deadline);
        }
        job.log.info("the board has power");
        if (!session) co_return;
        co_await listen(job, *session, deadline);
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
