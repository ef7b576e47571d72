// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/qemu.hpp"

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/spawn.hpp"
#include "core/process/words.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/direct_boot.hpp"
#include "devices/capability/network.hpp"
#include "devices/capability/power.hpp"
#include "devices/device.hpp"
#include "devices/qemu_arguments.hpp"
#include "drivers/qemu/disk_image.hpp"
#include "drivers/qemu/kvm_probe.hpp"
#include "drivers/qemu/machine.hpp"
#include "drivers/qemu/program.hpp"
#include "drivers/qemu/settings.hpp"
#include "drivers/qemu/user_network.hpp"

namespace patchbay {
namespace {

class Qemu final : public Driver, public DirectBoot, public Power, public Console, public Network {
public:
    Qemu(QemuSettings settings, DriverContext context) : settings_{std::move(settings)}, context_{std::move(context)} {
        if (!context_.scope) throw LavaBug{"device " + settings_.device + ": a driver needs its lease's process scope"};
        // A missing program is reported by probe(), so that a machine that lost it can still be made safe.
        program_path_ = find_program(settings_.program).value_or("");
    }

    void offer(Capabilities& device, const std::string& name) override {
        device.add<DirectBoot>(*this, name);
        device.add<Power>(*this, name);
        device.add<Console>(*this, name);
        device.add<Network>(*this, name);
    }

    Task<> make_safe() override { co_await and_finally(end_machine(), context_.scope->kill_all()); }

    std::vector<std::filesystem::path> nodes() const override {
        if (settings_.accelerator == Accelerator::tcg) return {};
        return {"/dev/kvm"};
    }

    Task<BootProgram> probe() override {
        if (program_path_.empty()) {
            throw ConfigurationError{"device " + settings_.device + ": no program '" + settings_.program +
                                     "' on this machine; install package " + qemu_package(settings_.architecture)};
        }
        if (settings_.accelerator == Accelerator::automatic) {
            kvm_ = co_await kvm_works(program_path_, settings_.architecture, context_);
        }
        co_return co_await describe_qemu(program_path_, settings_.architecture, context_);
    }

    std::vector<std::string> command(const std::vector<std::string>& image_arguments,
                                     const std::filesystem::path& served) const override {
        std::string line;
        for (const auto& argument : image_arguments) line += argument + " ";
        auto words = split_command_line(line);
        if (!settings_.trusted_jobs) words = check_qemu_arguments(std::move(words), context_.job_folder);
        const auto& program = program_path_.empty() ? settings_.program : program_path_;
        auto whole = qemu_command(settings_, program, kvm_, words);
        if (!served.empty()) serve_by_tftp(whole, served);
        return whole;
    }

    Task<> boot(std::vector<std::string> command) override {
        co_await end_machine();
        // Again at every boot: what the guest wrote to its disk last time is not to be believed.
        if (!settings_.trusted_jobs) check_disk_images(command, context_.job_folder);
        machine_ = std::make_shared<QemuMachine>(std::move(command), context_);
        co_await machine_->started();
    }

    GuestDrive guest_drive() const override { return settings_.guest_drive; }
    std::string tftp_address() const override {
        return has_user_network(settings_.options) ? settings_.network.host.value_or("") : "";
    }

    // A machine exists from boot() to off(); there is no supply to close before.
    Task<Switched> on() override { co_return Switched::verified; }

    Task<Switched> off() override {
        co_await end_machine();
        co_return Switched::verified;
    }

    Task<std::optional<bool>> is_on() override { co_return machine_ && machine_->runs(); }

    Task<> open() override { co_return; }

    Task<std::string> read_some() override {
        const auto machine = machine_;  // a power-off while we wait must not take it from under us
        if (!machine) co_return std::string{};
        co_return co_await machine->read_some();
    }

    Task<> write(std::string bytes) override {
        const auto machine = machine_;
        if (!machine) throw ConnectionClosedError{"device " + settings_.device + " is off: its console takes no input"};
        co_await machine->write(std::move(bytes));
    }

    Task<> close() override { co_return; }

    std::string description() const override { return "qemu"; }

    std::string host_address() override {
        try {
            return patchbay::host_address(settings_.network, context_.root);
        } catch (const InfrastructureError& error) {
            throw InfrastructureError{"device " + settings_.device + ": network: " + error.what() +
                                      "; make the machine's bridge or tap before it starts, or set 'dispatcher_ip'"};
        }
    }

    // A guest's address is given by DHCP; that of a user network could be reached by nobody.
    std::optional<std::string> address() const override { return std::nullopt; }
    std::optional<std::string> mac() const override { return settings_.network.mac; }

private:
    Task<> end_machine() {
        const auto machine = machine_;
        if (!machine) co_return;
        bool stuck = false;
        try {
            co_await machine->stop();
        } catch (const TimedOut&) {
            stuck = true;
        }
        if (stuck) co_await context_.scope->kill_all();  // names what cannot be killed
    }

    QemuSettings settings_;
    DriverContext context_;
    std::string program_path_;
    bool kvm_ = false;
    std::shared_ptr<QemuMachine> machine_;
};

}  // namespace

DriverPtr make_qemu(const DriverRequest& request) {
    return std::make_unique<Qemu>(read_qemu_settings(request.device), request.context);
}

}  // namespace patchbay
