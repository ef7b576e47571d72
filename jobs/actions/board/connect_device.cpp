// SPDX-License-Identifier: Apache-2.0
#include "devices/capability/console.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

enum class Greeting { none, empty_line };

class ConnectDevice : public Action {
public:
    explicit ConnectDevice(std::string name = "connect-device", Greeting greeting = Greeting::none)
        : Action{std::move(name), "use the configured command to connect serial to the device"}, greeting_{greeting} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!job.device.find<Console>(console_name())) errors.push_back(missing(job));
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    /// Of several consoles; the first has none.
    virtual std::string console_name() const { return {}; }
    virtual std::string missing(const JobContext& job) const {
        return "Device " + job.device.name() + " has no console; give it one under 'hardware', or commands.connect";
    }
    virtual std::string_view connects_to() const { return "device"; }

    Task<> run(JobContext& job, Deadline) override {
        co_await connect(job);
        if (greeting_ == Greeting::empty_line) co_await job.state(ns()).console->send_line("");
    }

private:
    Task<> connect(JobContext& job) {
        auto& state = job.state(ns());
        if (state.console && state.console->connected()) {
            job.log.debug("Already connected");
            co_return;
        }
        if (state.console) job.log.warning("Dead connection, reconnecting");
        auto& console = job.device.need<Console>(console_name());
        job.log.info("[" + ns() + "] " + name() + " Connecting to " + std::string{connects_to()} + " using '" +
                     console.description() + "'");
        job.log.flush();
        co_await console.open();
        job.attach_console(ns(), console_name()).prompts = {job.constant("default-shell-prompt", "lava-test: # ")};
    }

    Greeting greeting_;
};

class ConnectShell final : public ConnectDevice {
public:
    ConnectShell() : ConnectDevice{"connect-shell", Greeting::empty_line} {}

protected:
    std::string console_name() const override { return config::text_or_empty(block().parameters.find("connection")); }
    std::string missing(const JobContext& job) const override {
        return "Device " + job.device.name() + " has no connection '" + console_name() +
               "' beside its primary one; commands.connections lists them";
    }
    std::string_view connects_to() const override { return "shell"; }
};

}  // namespace

ActionPtr make_connect_device() { return std::make_unique<ConnectDevice>(); }
ActionPtr make_menu_connection(std::string action) {
    return std::make_unique<ConnectDevice>(std::move(action), Greeting::empty_line);
}
ActionPtr make_connect_shell() { return std::make_unique<ConnectShell>(); }

}  // namespace patchbay
