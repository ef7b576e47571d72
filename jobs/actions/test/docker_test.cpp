// SPDX-License-Identifier: Apache-2.0
// test: {docker: {...}, definitions: [...]}: the tests run in a container of this host, which may speak to the device
// (lava_dispatcher/actions/test/docker.py).
#include <unistd.h>

#include <tuple>

#include "core/text.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/usb_bus.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/container_console.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/overlay_folder.hpp"
#include "jobs/actions/test/test.hpp"
#include "jobs/actions/test/test_shell.hpp"

namespace patchbay {
namespace {

constexpr auto console_namespace = "docker-test-shell";

/// One command, or a list of them, as one line for a shell.
std::string as_line(const config::Value& commands) {
    if (!commands.as_list()) return config::python_str(commands);
    std::string line;
    for (const auto& command : *commands.as_list()) line += (line.empty() ? "" : " && ") + config::python_str(command);
    return line;
}

/// How the test can reach the device: by its numbers on USB, its consoles, its supply.
Variables device_variables(const JobContext& job) {
    Variables variables;
    const auto& info = job.description.device_info;
    const auto board = config::text_or_empty(info.empty() ? nullptr : info.front().find("board_id"));
    if (!board.empty()) {
        variables.emplace_back("ANDROID_SERIAL", board);
        variables.emplace_back("LAVA_BOARD_ID", board);
    }
    const auto* commands = job.description.rendered.find("commands");
    const auto add = [&](const std::string& name, const config::Value* value) {
        if (value && !value->is_null()) variables.emplace_back(name, as_line(*value));
    };
    for (const auto* name : {"LAVA_CONNECTION_COMMAND", "LAVA_CONNECT_COMMAND"}) {
        add(name, commands ? commands->find("connect") : nullptr);
    }
    const auto* connections = commands ? commands->find("connections") : nullptr;
    if (connections && connections->as_map()) {
        for (const auto& [key, connection] : *connections->as_map()) {
            add("LAVA_CONNECTION_COMMAND_" + upper_case(config::python_str(key)), connection.find("connect"));
        }
    }
    for (const auto* name : {"hard_reset", "power_on", "power_off"}) {
        add("LAVA_" + upper_case(name) + "_COMMAND", commands ? commands->find(name) : nullptr);
    }
    const auto& delays = job.description.character_delays;
    const std::pair<const char*, std::chrono::milliseconds> all[] = {
        {"DEPLOY", delays.deploy}, {"BOOT", delays.boot}, {"TEST", delays.test}};
    for (const auto& [name, delay] : all) {
        if (delay.count() > 0) {
            variables.emplace_back("LAVA_" + std::string{name} + "_CHARACTER_DELAYS", std::to_string(delay.count()));
        }
    }
    return variables;
}

/// The variables go into the overlay with all others; this is the place where LAVA makes them.
class SetEnvironment final : public Action {
public:
    SetEnvironment() : Action{"lava-docker-test-set-environment", "set the environment of the tests"} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        for (const auto& [name, value] : device_variables(job)) job.log.debug("- " + name + "=" + value);
        co_return;
    }
};

class DockerTestShell final : public TestShell {
public:
    explicit DockerTestShell(std::string name) : TestShell{std::move(name)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        static_cast<void>(read_container(block().parameters.find("docker"), errors));
        need_containers(errors);
        co_await TestShell::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        co_await and_finally(run_in_container(job, deadline), end(job));
    }

    ConsoleSession& console(JobContext& job) override { return *job.state(console_namespace).console; }

private:
    Task<> run_in_container(JobContext& job, Deadline deadline) {
        std::vector<std::string> errors;
        auto image = *read_container(block().parameters.find("docker"), errors);
        co_await fetch_image(job, image, deadline);
        const auto& overlay = *job.state(ns()).overlay;
        const auto folder = co_await write_overlay_folder(job, overlay, "lava-create-overlay-" + level());
        inside_ = overlay.settings().results_dir;
        Container container{job, std::move(image), level()};
        container.terminal();
        container.mount(folder / inside_.substr(1), Container::Access::write, inside_);
        mount_downloads(job, block(), container);
        add_devices(job, container);
        container.option("--env=PS1=docker-test-shell:$ ");
        container_ = container.name();
        std::vector<std::string> shell{"bash", "--norc", "-i"};
        co_await open_container(job, console_namespace, std::move(container), std::move(shell));
        auto& session = *job.state(console_namespace).console;
        session.prompts = {"docker-test-shell:"};
        session.character_delay = std::chrono::milliseconds{0};
        co_await TestShell::run(job, deadline);
    }

    Task<> end(JobContext& job) {
        if (container_.empty()) co_return;
        co_await give_back_files(job);
        auto& state = job.state(console_namespace);
        if (state.console) co_await state.console->close();
        state.console.reset();
        co_await remove_container(job, std::exchange(container_, {}));
        report_expected(job);
    }

    /// What the container's root has written into the overlay could not be removed by anybody else.
    Task<> give_back_files(JobContext& job) {
        if (::geteuid() == 0) co_return;
        Command command;
        command.argv = {container_program(), "exec", container_, "chown", "-R", std::to_string(::geteuid()), inside_};
        try {
            co_await run_logged(job, std::move(command), Deadline::in(10s));
        } catch (const std::exception& error) {
            job.log.warning("files of the container stay on this host: " + std::string{error.what()});
        }
    }

    /// The USB devices of the board, as they are now.
    static void add_devices(JobContext& job, Container& container) {
        if (job.settings.trusted_jobs) {
            give_usb_bus(job, container);
            return;
        }
        for (const auto* list : {&job.description.device_info, &job.description.static_info}) {
            for (const auto& info : *list) {
                UsbWanted wanted;
                wanted.serial = config::text_or_empty(info.find("board_id"));
                wanted.vendor = config::text_or_empty(info.find("usb_vendor_id"));
                wanted.product = config::text_or_empty(info.find("usb_product_id"));
                if (wanted.serial.empty()) continue;  // ids alone are those of other boards, too
                if (const auto found = find_usb(job, wanted)) container.option("--device=" + found->node.string());
            }
        }
    }

    std::string container_, inside_;
};

/// Its overlay, of which the paths are the container's, takes the place of the device's until it is over.
class DockerTest final : public Action {
public:
    DockerTest() : Action{"lava-docker-test", "run lava-test-shell in a docker container"} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& state = job.state(ns());
        saved_ = {std::exchange(state.os, {}), std::exchange(state.overlay, {}), std::exchange(state.guest_disk, {})};
        co_await and_finally(Action::run(job, deadline), restore(job));
    }

private:
    Task<> restore(JobContext& job) {
        auto& state = job.state(ns());
        std::tie(state.os, state.overlay, state.guest_disk) = std::exchange(saved_, {});
        co_return;
    }

    std::tuple<std::string, std::shared_ptr<Overlay>, std::optional<GuestDisk>> saved_;
};

bool disconnects(const ActionBlock& block) {
    const auto* value = block.parameters.find("disconnect_connection");
    return value && value->as_bool() && *value->as_bool();
}

}  // namespace

ActionPtr build_docker_test(const ActionBlock& block, const JobContext& job) {
    auto test = std::make_unique<DockerTest>();
    test->add<SetEnvironment>();
    test->add(make_container_overlay("lava-create-overlay", block, job, device_variables));
    if (disconnects(block)) test->add(make_disconnect_device());
    test->add<DockerTestShell>(job.definition.multinode ? "lava-multinode-docker-test-shell"
                                                        : "lava-docker-test-shell");
    test->add(make_read_feedback());
    return test;
}

}  // namespace patchbay
