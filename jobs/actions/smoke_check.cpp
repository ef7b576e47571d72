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

    Task<> run(JobContext& job, Deadline) override {
        auto& power = job.device.need<Power>();
        if (auto* machine = job.device.find<DirectBoot>()) {
            auto command = machine->command({});
            co_await machine->boot(std::move(command));
            job.log.info("the machine starts with the options of the device");
        } else {
            co_await cycle(job, power);
        }
        co_await power.off();
        job.log.info("the device is switched off");
    }

private:
    /// A board that has a console says something when it gets power.
    static Task<> cycle(JobContext& job, Power& power) {
        auto* console = job.device.find<Console>();
        if (console) co_await console->open();
        co_await power.off();
        co_await sleep_for(dark);
        co_await power.on();
        job.log.info("the board has power");
        if (!console) co_return;
        const auto words = co_await console->read_some();
        if (words.empty())
            throw InfrastructureError{"device " + job.device.name() + ": its console ended when it got power"};
        job.log.info("its console speaks");
        co_await console->close();
    }
};

}  // namespace

ActionPtr build_smoke_check() { return std::make_unique<SmokeCheck>(); }

}  // namespace patchbay
