// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/fvp/run_fvp.hpp"

#include <algorithm>

#include "core/process/words.hpp"
#include "core/text.hpp"
#include "core/whole_file.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/container_console.hpp"
#include "jobs/actions/fvp/arguments.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/job_words.hpp"
#include "jobs/actions/programmers/programmers.hpp"

namespace patchbay {
namespace {

constexpr auto script_inside = "/lava-run-fvp.sh";

std::string text_of(const ActionBlock& block, std::string_view key) {
    return config::text_or_empty(block.parameters.find(key));
}

}  // namespace

struct RunFvp::Port {
    bool is_console = false;
    std::string number, name;
};

struct RunFvp::Reader {
    Reader(std::unique_ptr<ProgramConsole> console, JobLog& log, std::string space)
        : program{std::move(console)}, session{*program, log}, ns{std::move(space)} {}

    std::unique_ptr<ProgramConsole> program;
    ConsoleSession session;
    std::string ns;
};

bool uses_telnet(const ActionBlock& block) {
    const auto* value = block.parameters.find("use_telnet");
    return !value || !value->as_bool() || *value->as_bool();
}

std::optional<ContainerImage> model_image(const ActionBlock& block, std::vector<std::string>& errors) {
    const auto* docker = block.parameters.find("docker");
    if (!docker || !docker->as_map()) {
        errors.push_back("boot method fvp: 'docker' is missing; it names the image with the model");
        return std::nullopt;
    }
    auto map = *docker->as_map();
    if (const auto* name = docker->find("name")) map.set("image", *name);
    const config::Value renamed{std::move(map)};
    return read_container(&renamed, errors);
}

RunFvp::RunFvp() : Action{"run-fvp", "run the model"} {}
RunFvp::~RunFvp() = default;

Task<> RunFvp::validate(JobContext&, std::vector<std::string>& errors) {
    static_cast<void>(model_image(block(), errors));
    need_containers(errors);
    for (const auto* key : {"image", "console_string"}) {
        if (text_of(block(), key).empty()) errors.push_back("boot method fvp: '" + std::string{key} + "' is missing");
    }
    const std::pair<const char*, const char*> absent[] = {
        {"ubl_license", "use 'license_variable', or an image that has its licence"},
        {"commands", "use a test with a 'docker'"}};
    for (const auto& [key, instead] : absent) {
        if (!block().parameters.contains(key)) continue;
        errors.push_back("boot method fvp: '" + std::string{key} + "' is not available here; " + instead);
    }
    for (const auto& argument : texts_of(block().parameters.find("arguments"))) {
        static_cast<void>(job_words("arguments", argument));
    }
    co_return;
}

Task<> RunFvp::cleanup(JobContext& job) {
    if (!pumps_) co_return;
    pumps_->cancel();
    co_await pumps_->join();
    pumps_.reset();
    for (auto& reader : readers_) co_await reader->session.close();
    readers_.clear();
    auto& state = job.state(ns());
    if (state.console) co_await state.console->close();
    state.console.reset();
    co_await remove_container(job, container_);
}

std::vector<std::string> RunFvp::inside(const std::vector<std::string>& argv) const {
    std::vector<std::string> line{container_program(), "exec", "--interactive", "--tty", container_};
    line.insert(line.end(), argv.begin(), argv.end());
    return line;
}

std::string RunFvp::place_of(const std::filesystem::path& file) const {
    return "/" + container_ + "/" + file.filename().string();
}

Task<> RunFvp::run(JobContext& job, Deadline deadline) {
    co_await cleanup(job);  // of a try before
    pumps_ = std::make_unique<TaskGroup>(co_await asio::this_coro::executor);
    std::vector<std::string> errors;
    Container container{job, *model_image(block(), errors), level()};
    container_ = container.name();
    write_script(job, container);
    container.terminal().option("--hostname=lava");
    std::vector<std::string> shell{"sh", script_inside};
    if (!uses_telnet(block())) {
        co_await open_container(job, ns(), std::move(container), std::move(shell));
        auto& console = *job.state(ns()).console;
        const auto ports = co_await wait_for_ports(console, deadline);
        console_port_ = ports.front().number;
        console.prompts = block_prompts(block());
        co_return;
    }
    auto* model = co_await add_reader(job, container.run(shell), "_namespace_feedback_fvp", container.environment());
    const auto ports = co_await wait_for_ports(model->session, deadline);
    pumps_->spawn("fvp", follow(*model));
    for (const auto& port : ports) {
        if (port.is_console) {
            console_port_ = port.number;
            continue;
        }
        const std::vector<std::string> telnet{"telnet", "localhost", port.number};
        auto* reader = co_await add_reader(job, inside(telnet), port.name);
        pumps_->spawn(port.name, follow(*reader));
    }
}

/// What runs inside: variables, then the model with all its arguments.
void RunFvp::write_script(JobContext& job, Container& container) const {
    std::map<std::string, std::string> values{{"ARTIFACT_DIR", "/" + container_}};
    std::vector<std::string> places;
    for (const auto& image : job.state(ns()).images) {
        const auto place = place_of(image.path);
        if (std::find(places.begin(), places.end(), place) != places.end()) {
            throw JobError{"two images have the file name '" + image.path.filename().string() + "'; rename one"};
        }
        places.push_back(place);
        values[image.key] = values[upper_case(image.key)] = place;
        container.mount(image.path, Container::Access::write, place);
    }
    std::string script = "#!/bin/sh\n";
    auto variables = texts_of(block().parameters.find("environment"));
    if (auto license = text_of(block(), "license_variable"); !license.empty()) variables.push_back(std::move(license));
    for (const auto& variable : variables) script += "export " + quote_word(variable) + "\n";
    script += "exec " + quote_word(text_of(block(), "image"));
    // A line of the job may hold several words: "--parameter a=b".
    for (const auto& argument : texts_of(block().parameters.find("arguments"))) {
        for (const auto& word : job_words("arguments", format_argument(argument, values)))
            script += " " + quote_word(word);
    }
    const auto file = job.directory / ("run-fvp-" + level() + ".sh");
    write_whole_file(file, script + "\n");
    container.mount(file, Container::Access::read, script_inside);
}

Task<RunFvp::Reader*> RunFvp::add_reader(JobContext& job, std::vector<std::string> argv, std::string ns,
                                         std::map<std::string, std::string> environment) {
    job.log.debug("Calling: " + python_list(argv));
    job.log.flush();
    Command command;
    command.argv = std::move(argv);
    command.environment = std::move(environment);
    auto program =
        std::make_unique<ProgramConsole>(co_await asio::this_coro::executor, std::move(command), "the model", "fvp");
    co_await program->open();
    readers_.push_back(std::make_unique<Reader>(std::move(program), job.log, std::move(ns)));
    co_return readers_.back().get();
}

/// Each expression once, in any order.
Task<std::vector<RunFvp::Port>> RunFvp::wait_for_ports(ConsoleSession& session, Deadline deadline) {
    std::vector<std::string> left{text_of(block(), "console_string")};
    const auto feedbacks = texts_of(block().parameters.find("feedbacks"));
    left.insert(left.end(), feedbacks.begin(), feedbacks.end());
    bool has_console = false;
    std::vector<Port> ports;
    while (!left.empty()) {
        const auto patterns = PatternSet::of(left);
        const auto match = co_await session.wait(patterns, deadline);
        Port port;
        port.is_console = !has_console && match.index == 0;
        has_console = has_console || port.is_console;
        if (const auto* number = match.group("PORT")) port.number = *number;
        if (whole_number(port.number).value_or(0) <= 0) {
            throw JobError{"'" + left[match.index] + "' has no group PORT that is a number"};
        }
        const auto* name = match.group("NAME");
        port.name = name && !name->empty() ? *name : "_namespace_feedback_" + port.number;
        ports.push_back(std::move(port));
        left.erase(left.begin() + static_cast<std::ptrdiff_t>(match.index));
    }
    co_return ports;
}

/// Until its stream ends, or the model is stopped.
Task<> RunFvp::follow(Reader& reader) {
    bool more = true;
    while (more) more = co_await reader.session.listen(reader.ns, std::chrono::hours{24});
}

}  // namespace patchbay
