// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/container.hpp"

#include <algorithm>

#include "core/last_line.hpp"
#include "core/process/process.hpp"
#include "core/process/run_command.hpp"
#include "core/process/spawn.hpp"
#include "core/text.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/leftover_containers.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

/// The device's actions.test.methods.docker: lists whose items may be null (dropped) or lists (flattened).
void add_options(const config::Value* value, std::vector<std::string>& options) {
    if (!value || value->is_null()) return;
    if (const auto* list = value->as_list()) {
        for (const auto& item : *list) add_options(&item, options);
    } else {
        options.push_back(config::python_str(*value));
    }
}

const config::Value* device_options(const JobContext& job, std::string_view key) {
    const config::Value* at = job.description.rendered.find("actions");
    for (const auto* step : {"test", "methods", "docker"}) at = at ? at->find(step) : nullptr;
    return at ? at->find(key) : nullptr;
}

bool is_container_name(const std::string& text) {
    constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
    return text.find_first_not_of(allowed) == std::string::npos && !text.starts_with('-') && !text.starts_with('.');
}

/// docker reads the option as a line of CSV: a comma begins a further setting, such as another source.
void check_mounted(const std::string& path) {
    const auto is_special = [](unsigned char c) { return c == ',' || c == '"' || c < 0x20 || c == 0x7f; };
    if (std::none_of(path.begin(), path.end(), is_special)) return;
    throw JobError{"'" + path +
                   "' cannot be given to a container: its name holds a comma, a quote or a control character; give it "
                   "another name"};
}

/// A login is the job's: in docker's own file, every later job of this host would have it. Jobs without one use the
/// lab's.
std::map<std::string, std::string> login_environment(const JobContext& job, const ContainerImage& image) {
    if (image.user.empty()) return {};
    const auto folder = job.directory / "docker";
    return {{"DOCKER_CONFIG", folder.string()}, {"REGISTRY_AUTH_FILE", (folder / "auth.json").string()}};
}

/// What it printed last, and its exit code.
Task<CommandOutput> converse(Command command, std::string input) {
    constexpr std::size_t most = 64 * 1024;
    Process process{co_await asio::this_coro::executor, std::move(command)};
    try {
        co_await process.write(std::move(input));
    } catch (const ConnectionClosedError&) {  // it says why
    }
    process.close_input();
    CommandOutput output;
    for (auto bytes = co_await process.read_some(); !bytes.empty(); bytes = co_await process.read_some()) {
        output.text += bytes;
        if (output.text.size() > most) output.text.erase(0, output.text.size() - most);
    }
    output.exit_code = co_await process.wait();
    co_return output;
}

/// A password must not stand on a command line, where every user of this host could read it.
Task<> log_in(JobContext& job, ContainerImage image, Deadline deadline) {
    Command command;
    command.environment = login_environment(job, image);
    const auto folder = job.directory / "docker";
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    command.argv = {container_program(), "login", "--username", image.user, "--password-stdin"};
    if (!image.registry.empty()) command.argv.push_back(image.registry);
    job.log.debug("Calling: " + python_list(command.argv));
    const auto output = co_await with_deadline(deadline, "login", converse(std::move(command), image.password + "\n"));
    if (output.exit_code == 0) co_return;
    throw InfrastructureError{"Unable to log in at '" + image.registry + "' as '" + image.user +
                              "': " + std::string{last_line(output.text)}};
}

Task<CommandOutput> run_noting(JobContext& job, Command command, Deadline deadline, bool& ended) {
    auto output = co_await run_logged(job, std::move(command), deadline);
    ended = true;  // and `--rm` has removed it
    co_return output;
}

Task<> remove_unless(const bool& ended, JobContext& job, std::string name) {
    if (!ended) co_await remove_container(job, name);
}

}  // namespace

std::optional<ContainerImage> read_container(const config::Value* docker, std::vector<std::string>& errors) {
    if (!docker || docker->is_null()) return std::nullopt;
    ContainerImage image;
    image.image = config::string_or_empty(docker->find("image"));
    if (!is_image_name(image.image)) errors.push_back("docker: 'image' is missing or no name of an image");
    const auto* local = docker->find("local");
    image.local = local && local->as_bool() && *local->as_bool();
    image.container_name = config::string_or_empty(docker->find("container_name"));
    image.network_from = config::string_or_empty(docker->find("network_from"));
    for (const auto* name : {&image.container_name, &image.network_from}) {
        if (is_container_name(*name)) continue;
        errors.push_back("docker: '" + *name + "' is no name of a container; use letters, digits, '-', '_' and '.'");
    }
    if (const auto* login = docker->find("login")) {
        image.registry = config::string_or_empty(login->find("registry"));
        image.user = config::string_or_empty(login->find("user"));
        image.password = config::text_or_empty(login->find("password"));
        if (image.user.empty() || image.user.starts_with('-') || image.registry.starts_with('-')) {
            errors.push_back("docker: 'login' needs a 'user', a 'password', and perhaps a 'registry'");
        }
    }
    return image;
}

std::string container_program() {
    for (const auto* program : {"docker", "podman"}) {
        if (find_program(program)) return program;
    }
    return {};
}

void need_containers(std::vector<std::string>& errors) {
    if (!container_program().empty()) return;
    errors.push_back(
        "the job runs a container, but this host has neither 'docker' nor 'podman'; install the Debian package "
        "'docker.io' or 'podman'");
}

bool is_image_name(const std::string& text) {
    constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:@-";
    return !text.empty() && text.find_first_not_of(allowed) == std::string::npos && !text.starts_with('-');
}

Container::Container(const JobContext& job, ContainerImage image, const std::string& number)
    : image_{std::move(image)},
      name_{image_.container_name.empty() ? "lava-" + job.id + "-" + number
                                          : image_.container_name + "-lava-" + job.id},
      label_{container_label(job.description.name)},
      environment_{login_environment(job, image_)} {
    add_options(device_options(job, "global_options"), global_options_);
    add_options(device_options(job, "options"), device_options_);
    if (!image_.network_from.empty()) option("--network=container:" + image_.network_from + "-lava-" + job.id);
}

Container& Container::option(std::string text) {
    options_.push_back(std::move(text));
    return *this;
}

Container& Container::mount(const std::filesystem::path& path, Access access, std::string inside) {
    if (inside.empty()) inside = path.string();
    check_mounted(path.string());
    check_mounted(inside);
    return option("--mount=type=bind,source=" + path.string() + ",destination=" + inside +
                  (access == Access::read ? ",readonly=true" : ""));
}

Container& Container::terminal() { return option("--interactive").option("--tty"); }

std::vector<std::string> Container::run(const std::vector<std::string>& argv) const {
    std::vector<std::string> line{container_program()};
    line.insert(line.end(), global_options_.begin(), global_options_.end());
    line.insert(line.end(), {"run", "--rm", "--init", "--name=" + name_, label_});
    line.insert(line.end(), device_options_.begin(), device_options_.end());
    line.insert(line.end(), options_.begin(), options_.end());
    line.push_back(image_.image);
    line.insert(line.end(), argv.begin(), argv.end());
    return line;
}

void mount_downloads(const JobContext& job, const ActionBlock& block, Container& container) {
    const auto space = config::string_or_empty(block.parameters.find("downloads-namespace"));
    const auto folder = downloads_directory(job, space.empty() ? block.name_space : space);
    if (std::filesystem::is_directory(folder)) container.mount(folder, Container::Access::write, "/lava-downloads");
}

Task<> fetch_image(JobContext& job, ContainerImage image, Deadline deadline) {
    note_containers(job.settings.state_dir, job.description.name);
    if (!image.user.empty()) co_await log_in(job, image, deadline);
    const auto program = container_program();
    if (image.local) {
        Command inspect;
        inspect.environment = login_environment(job, image);
        inspect.argv = {program, "image", "inspect", "--format={{.Id}}", image.image};
        const auto known = co_await run_logged(job, std::move(inspect), deadline);
        if (known.exit_code == 0) co_return;
        job.log.info("'" + image.image + "' is not on this host, and is pulled");
    }
    Command pull;
    pull.environment = login_environment(job, image);
    pull.argv = {program, "pull", image.image};
    co_await run_program(job, std::move(pull), deadline);
}

Task<CommandOutput> run_container(JobContext& job, Container container, std::vector<std::string> argv,
                                  Deadline deadline) {
    bool ended = false;
    Command command;
    command.argv = container.run(argv);
    command.environment = container.environment();
    co_return co_await and_finally(run_noting(job, std::move(command), deadline, ended),
                                   remove_unless(ended, job, container.name()));
}

Task<> remove_container(JobContext& job, std::string name) {
    // As long as docker waits before it kills, and as much again for a busy host.
    constexpr auto patience = 20s;
    Command command;
    command.argv = {container_program(), "rm", "--force", name};
    try {
        const auto output = co_await run_logged(job, std::move(command), Deadline::in(patience));
        const auto text = lower_case(output.text);
        const bool was_gone = text.find("no such container") != std::string::npos ||
                              text.find("no container with name") != std::string::npos;
        if (output.exit_code != 0 && !was_gone) {
            job.log.error("the container '" + name + "' may still run: " + std::string{last_line(output.text)});
        }
    } catch (const std::exception& error) {
        job.log.error("the container '" + name + "' may still run: " + error.what());
    }
}

}  // namespace patchbay
