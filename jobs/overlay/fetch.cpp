// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/fetch.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "core/errors.hpp"
#include "core/net/socks_proxy.hpp"
#include "core/process/run_command.hpp"
#include "core/text.hpp"
#include "jobs/download/request.hpp"
#include "jobs/overlay/git_source.hpp"

namespace patchbay {
namespace {

constexpr auto remote_protocols = "http:https:git:ssh";

/// The helper prints what git asks for. Only the name of its variable is on a command line.
constexpr auto credential_helper =
    "!f() { test \"$1\" = get && printf 'password=%s\\n' \"$PATCHBAY_GIT_PASSWORD\"; }; f";

using Settings = std::vector<std::pair<std::string, std::string>>;

Settings secret_settings(const GitSource& source) {
    Settings settings;
    if (!source.secret_base.empty())
        settings.emplace_back("url." + source.secret_base + ".insteadOf", source.named_base);
    if (source.server.empty()) return settings;
    const auto credential = "credential." + source.server;
    settings.emplace_back(credential + ".username", source.user);
    if (source.password) {
        // The empty one drops the lab's helpers: they would be asked first, and would keep what git got.
        for (const auto* helper : {"", credential_helper}) settings.emplace_back(credential + ".helper", helper);
    }
    return settings;
}

/// In the environment, which other users of the host cannot read, behind the settings that are there already.
void add_settings(std::map<std::string, std::string>& environment, const Settings& settings) {
    const auto given = environment.find("GIT_CONFIG_COUNT");
    const char* inherited = std::getenv("GIT_CONFIG_COUNT");
    const std::string text = given != environment.end() ? given->second : inherited ? inherited : "";
    auto count = whole_number(text).value_or(0);
    for (const auto& [name, value] : settings) {
        const auto number = std::to_string(count++);
        environment["GIT_CONFIG_KEY_" + number] = name;
        environment["GIT_CONFIG_VALUE_" + number] = value;
    }
    environment["GIT_CONFIG_COUNT"] = std::to_string(count);
}

struct Work {
    const GitClone& request;
    const GitSource& source;
    const SocksProxy& proxy;
    Deadline deadline;
};

/// The lab's own proxy, which then decides what git reaches.
bool has_proxy(const std::map<std::string, std::string>& environment) {
    for (const auto* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
        const char* inherited = std::getenv(name);
        if (environment.contains(name) || (inherited && *inherited)) return true;
    }
    return false;
}

Command git(const Work& work, std::vector<std::string> arguments, const char* protocols = remote_protocols) {
    Command command;
    command.argv = {"/usr/bin/git"};
    command.environment = work.request.environment;
    auto settings = secret_settings(work.source);
    if (!has_proxy(command.environment)) {
        // Redirects and submodules lead where they like: so each connection is checked.
        settings.emplace_back("http.proxy", work.proxy.url());
        command.environment["no_proxy"] = command.environment["NO_PROXY"] = "";
    }
    add_settings(command.environment, settings);
    if (work.source.password) command.environment["PATCHBAY_GIT_PASSWORD"] = *work.source.password;
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    // Nobody is there to answer a question for a password.
    command.environment["GIT_TERMINAL_PROMPT"] = "0";
    command.environment["GIT_ALLOW_PROTOCOL"] = protocols;
    return command;
}

std::vector<std::string> clone_arguments(const GitClone& request, bool shallow) {
    std::vector<std::string> arguments{"clone"};
    if (!request.branch.empty()) {
        arguments.push_back("-b");
        arguments.push_back(request.branch);
    }
    if (shallow) arguments.push_back("--depth=1");
    return arguments;
}

std::vector<std::string> in_clone(const GitClone& request, std::vector<std::string> words) {
    std::vector<std::string> arguments{"-C", request.directory.string()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return arguments;
}

/// The names of secrets in the place of their values.
std::string without_secrets(std::string text, const GitSource& source) {
    if (source.secret_base.empty()) return text;
    for (auto at = text.find(source.secret_base); at != std::string::npos;) {
        text.replace(at, source.secret_base.size(), source.named_base);
        at = text.find(source.secret_base, at + source.named_base.size());
    }
    return text;
}

/// One command; false when git says no. Its output is logged only then.
Task<bool> run_git(const Work& work, Command command) {
    auto output = co_await capture_command(std::move(command), work.deadline);
    if (output.exit_code == 0) co_return true;
    const auto text = without_secrets(output.text, work.source);
    std::size_t start = 0;
    while (start < text.size()) {
        const auto end = std::min(text.find('\n', start), text.size());
        work.request.log(LogLevel::debug, ">> " + text.substr(start, end - start));
        start = end + 1;
    }
    co_return false;
}

Task<bool> try_clone(const Work& work, bool shallow) {
    const auto& request = work.request;
    std::error_code ignored;
    std::filesystem::remove_all(request.directory, ignored);
    std::filesystem::create_directories(request.directory.parent_path());
    auto arguments = clone_arguments(request, shallow);
    std::string shown = "/usr/bin/git";
    for (const auto& argument : arguments) shown += " " + argument;
    const auto folder = request.directory.string();
    request.log(LogLevel::debug, "Running '" + shown + " " + work.source.shown + " " + folder + "'");
    arguments.push_back("--");
    arguments.push_back(work.source.url);
    arguments.push_back(folder);
    auto command = git(work, std::move(arguments), work.source.local ? "file" : remote_protocols);
    co_return co_await run_git(work, std::move(command));
}

Task<bool> check_out(const Work& work) {
    auto command = git(work, in_clone(work.request, {"checkout", work.request.revision}));
    co_return co_await run_git(work, std::move(command));
}

/// Not by the clone itself: an allowed repository of this host may not lead to others of it.
Task<bool> fetch_submodules(const Work& work) {
    auto command = git(work, in_clone(work.request, {"submodule", "update", "--init", "--recursive"}));
    co_return co_await run_git(work, std::move(command));
}

Task<bool> attempt(const Work& work, bool& shallow) {
    bool cloned = co_await try_clone(work, shallow);
    if (!cloned && shallow) {
        // Plain web servers cannot give a part of the history.
        shallow = false;
        cloned = co_await try_clone(work, false);
    }
    if (!cloned) co_return false;
    if (!work.request.revision.empty()) {
        if (!co_await check_out(work)) co_return false;
    }
    if (!work.request.recursive) co_return true;
    co_return co_await fetch_submodules(work);
}

/// Where git fetched what the clone of a submodule had not: the one place where it writes down whom it asked.
void forget_fetches(const Work& work) {
    const auto modules = work.request.directory / ".git/modules";
    if (work.source.secret_base.empty() || !std::filesystem::exists(modules)) return;
    std::vector<std::filesystem::path> notes;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{modules}) {
        if (entry.path().filename() == "FETCH_HEAD") notes.push_back(entry.path());
    }
    for (const auto& note : notes) std::filesystem::remove(note);
}

Task<std::string> commit_id(const Work& work) {
    auto command = git(work, in_clone(work.request, {"log", "-1", "--pretty=%H"}));
    auto output = co_await capture_command(std::move(command), work.deadline);
    while (!output.text.empty() && std::isspace(static_cast<unsigned char>(output.text.back()))) output.text.pop_back();
    if (output.exit_code != 0) {
        throw InfrastructureError{"Unable to fetch git repository '" + work.source.shown + "': it has no commit"};
    }
    co_return std::move(output.text);
}

/// With all that is asked for. Returns the commit id.
Task<std::string> clone(const Work& work) {
    const auto& request = work.request;
    bool shallow = request.shallow && request.revision.empty();
    bool done = false;
    for (int left = request.tries; left > 0 && !done; --left) {
        done = co_await attempt(work, shallow);
        if (!done && !work.proxy.refusal().empty())
            throw JobError{forbidden_address(work.source.shown, work.proxy.refusal())};
        if (!done && left > 1) co_await sleep_for(request.pause);
    }
    if (!done) throw InfrastructureError{"Unable to fetch git repository '" + work.source.shown + "'"};
    auto commit = co_await commit_id(work);
    if (request.history) {
        forget_fetches(work);
    } else {
        std::filesystem::remove_all(request.directory / ".git");
    }
    co_return commit;
}

}  // namespace

Task<std::string> clone_repository(GitClone request, Deadline deadline) {
    for (const auto* text : {&request.branch, &request.revision}) {
        if (text->starts_with('-')) throw JobError{"'" + *text + "' cannot be given to git: it begins like an option"};
    }
    const auto source = git_source(request.url, request.secrets, request.allowed_file_paths);
    if (!source.host.empty()) co_await check_host(request.addresses, source.shown, source.host);
    SocksProxy proxy{co_await asio::this_coro::executor, request.addresses};
    const Work work{request, source, proxy, deadline};
    co_return co_await and_finally(clone(work), proxy.stop());
}

}  // namespace patchbay
