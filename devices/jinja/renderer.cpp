// SPDX-License-Identifier: Apache-2.0
#include "devices/jinja/renderer.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "core/config/yaml.hpp"
#include "core/process/process.hpp"
#include "core/process/spawn.hpp"
#include "devices/jinja/embedded.hpp"

namespace patchbay {
namespace {

using config::Map;
using config::Value;

// Debian's: another one may come first in PATH and lack Debian's modules.
constexpr auto python = "/usr/bin/python3";
// The program comes first on its input: it cannot be missing, nor be of another version than we are.
constexpr auto start = "import sys; exec(compile(sys.stdin.buffer.read(int(sys.argv[1])), 'patchbay-render', 'exec'))";
constexpr std::int64_t memory_limit = std::int64_t{512} << 20;
constexpr std::int64_t seconds_limit = 5;
constexpr std::size_t longest_answer = std::size_t{512} << 20;
// 195 of LAVA's own took a second, on one processor; a busy machine takes its time.
constexpr auto patience = std::chrono::minutes{10};

template <class Why = ConfigurationError>
[[noreturn]] void refuse(const std::string& reason) {
    throw Why{"LAVA's device dictionaries cannot be rendered: " + reason};
}

Value item_of(Dictionary& dictionary) {
    Map variables = std::move(dictionary.context);
    variables.set("scheduled_device_name", std::move(dictionary.device));
    variables.set("scheduled_device_type", std::move(dictionary.device_type));
    return Map{{"name", dictionary.name}, {"text", std::move(dictionary.text)}, {"variables", std::move(variables)}};
}

std::string request_of(const Templates& templates, std::vector<Dictionary>& dictionaries) {
    config::List folders, items;
    for (const auto& folder : templates.folders) folders.emplace_back(folder.string());
    Map texts;
    for (const auto& [name, text] : templates.uploaded) texts.set(name, text);
    for (auto& dictionary : dictionaries) items.push_back(item_of(dictionary));
    Map limits{
        {"bytes", static_cast<std::int64_t>(longest_template)}, {"seconds", seconds_limit}, {"memory", memory_limit}};
    Map request{{"folders", std::move(folders)}, {"texts", std::move(texts)}, {"limits", std::move(limits)}};
    request.set("items", std::move(items));
    return config::dump_json(Value{std::move(request)});
}

std::string text_of(const Value& line, std::string_view key) { return config::string_or_empty(line.find(key)); }

Rendering rendering_of(const Value& line, const Templates& templates) {
    Rendering rendering;
    rendering.text = text_of(line, "text");
    rendering.problem = text_of(line, "problem");
    rendering.missing = text_of(line, "missing");
    if (rendering.problem.empty()) return rendering;
    const auto* syntax = line.find("syntax");
    rendering.mistake = syntax != nullptr && *syntax == Value{true} ? Mistake::syntax : Mistake::other;
    auto place = text_of(line, "template");
    const auto* number = line.find("line");
    if (number != nullptr && number->as_int() != nullptr && *number->as_int() > 0)
        place += ":" + std::to_string(*number->as_int());
    if (!place.empty()) rendering.problem = place + ": " + rendering.problem;
    if (rendering.missing.empty()) return rendering;
    std::string folders;
    for (const auto& folder : templates.folders) folders += (folders.empty() ? "" : ", ") + folder.string();
    rendering.problem += folders.empty() ? "; name its folder under 'templates'" : "; put it into " + folders;
    rendering.problem += ", or upload it (lavacli device-types template set)";
    return rendering;
}

std::vector<Rendering> read_answer(const std::string& answer, const Templates& templates, std::size_t count) {
    std::vector<Rendering> renderings;
    constexpr config::YamlLimits limits{16 * longest_template, 16, 1000};
    for (std::size_t begin = 0; begin < answer.size() && renderings.size() < count;) {
        const auto end = std::min(answer.find('\n', begin), answer.size());
        Value line;
        try {
            line = config::parse_json(answer.substr(begin, end - begin), limits);
        } catch (const config::YamlError&) {
            refuse("Python said: " + answer.substr(begin, 500));
        }
        if (const auto module = text_of(line, "module"); !module.empty())
            refuse<NoRenderer>("Python's module " + module + " is missing; install the Debian package python3-" +
                               module);
        renderings.push_back(rendering_of(line, templates));
        begin = end + 1;
    }
    if (renderings.size() < count)
        refuse("Python ended early; is there enough memory? It said: " + answer.substr(0, 500));
    return renderings;
}

Task<std::string> talk(Process& process, std::string request) {
    // It reads everything before it says anything.
    try {
        co_await process.write(std::move(request));
    } catch (const ConnectionClosedError&) {  // what it says tells why
    }
    process.close_input();
    std::string answer;
    for (;;) {
        const auto bytes = co_await process.read_some();
        if (bytes.empty()) break;
        answer += bytes;
        if (answer.size() > longest_answer) refuse("the device files have more than 512 MiB");
    }
    co_return answer;
}

}  // namespace

Task<std::vector<Rendering>> render_dictionaries(Templates templates, std::vector<Dictionary> dictionaries,
                                                 Deadline deadline) {
    const auto count = dictionaries.size();
    if (count == 0) co_return std::vector<Rendering>{};
    if (!find_program(python))
        refuse<NoRenderer>(std::string{python} + " is missing; install the Debian package python3-jinja2");
    const std::string program{embedded_render_helper().front().text};
    Command command;
    command.argv = {python, "-I", "-W", "ignore", "-c", start, std::to_string(program.size())};
    command.folder = "/";
    command.gain_privileges = GainPrivileges::never;
    const auto executor = co_await asio::this_coro::executor;
    std::string answer;
    try {
        Process process{executor, std::move(command)};
        auto request = program + request_of(templates, dictionaries);
        answer = co_await and_finally(
            with_deadline(deadline, "rendering of device dictionaries", talk(process, std::move(request))),
            process.stop(1s));
    } catch (const TimedOut&) {
        refuse("it takes too long; try again when the machine has less to do");
    } catch (const InfrastructureError& error) {
        refuse(error.what());
    }
    co_return read_answer(answer, templates, count);
}

std::vector<Rendering> render_dictionaries_now(Templates templates, std::vector<Dictionary> dictionaries) {
    asio::io_context io;
    std::exception_ptr failure;
    std::vector<Rendering> renderings;
    const auto take = [&](std::exception_ptr error, std::vector<Rendering> made) {
        failure = error;
        renderings = std::move(made);
    };
    asio::co_spawn(io, render_dictionaries(std::move(templates), std::move(dictionaries), Deadline::in(patience)),
                   take);
    io.run();
    if (failure) std::rethrow_exception(failure);
    return renderings;
}

config::Value rendered_value(const Rendering& rendering, const std::string& name) {
    if (!rendering.problem.empty()) throw ConfigurationError{rendering.problem};
    try {
        return config::parse_yaml(rendering.text);
    } catch (const config::YamlError& error) {
        const auto begin = error.mark.line > 0 ? std::to_string(error.mark.line) : "?";
        throw ConfigurationError{name + ": what it is rendered to is no YAML: line " + begin + ": " + error.problem +
                                 "; a value with ': ' or ' #' needs quotes of its own"};
    }
}

}  // namespace patchbay
