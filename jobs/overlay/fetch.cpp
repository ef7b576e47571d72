// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/fetch.hpp"

#include <algorithm>
#include <cctype>

#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "jobs/overlay/git_source.hpp"

namespace patchbay {
namespace {

constexpr auto remote_protocols = "http:https:git:ssh";

/// The helper prints what git asks for. Only the names of its variables are on a command line.
constexpr auto credential_helper =
    "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \"$PATCHBAY_GIT_USER\" "
    "\"$PATCHBAY_GIT_PASSWORD\"; }; f";

struct Work {
    const GitClone& request;
    const GitSource& source;
    Deadline deadline;
};

Command git(const Work& work, std::vector<std::string> arguments, const char* protocols = remote_protocols) {
    const auto& source = work.source;
    Command command;
    command.argv = {"/usr/bin/git"};
    command.environment = work.request.environment;
    if (!source.server.empty()) {
        const auto setting = "credential." + source.server + ".helper=";
        // The empty one drops the lab's helpers: they would be asked first, and would keep what git got.
        for (const std::string value : {"", credential_helper}) {
            command.argv.push_back("-c");
            command.argv.push_back(setting + value);
        }
        command.environment["PATCHBAY_GIT_USER"] = source.user;
        command.environment["PATCHBAY_GIT_PASSWORD"] = source.password;
    }
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
    for (auto at = text.find(source.url); at != std::string::npos;) {
        text.replace(at, source.url.size(), source.shown);
        at = text.find(source.url, at + source.shown.size());
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

/// What goes to the target names the repository as logs do.
Task<> forget_secrets(const Work& work) {
    if (work.source.url == work.source.shown) co_return;
    auto command = git(work, in_clone(work.request, {"remote", "set-url", "origin", work.source.shown}));
    static_cast<void>(co_await run_git(work, std::move(command)));
    std::filesystem::remove_all(work.request.directory / ".git/logs");  // they tell from where it was cloned
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

}  // namespace

Task<std::string> clone_repository(GitClone request, Deadline deadline) {
    for (const auto* text : {&request.branch, &request.revision}) {
        if (text->starts_with('-')) throw JobError{"'" + *text + "' cannot be given to git: it begins like an option"};
    }
    const auto source = git_source(request.url, request.secrets, request.allowed_file_paths);
    const Work work{request, source, deadline};
    bool shallow = request.shallow && request.revision.empty();
    bool done = false;
    for (int left = request.tries; left > 0 && !done; --left) {
        done = co_await attempt(work, shallow);
        if (!done && left > 1) co_await sleep_for(request.pause);
    }
    if (!done) throw InfrastructureError{"Unable to fetch git repository '" + source.shown + "'"};
    auto commit = co_await commit_id(work);
    if (request.history) {
        co_await forget_secrets(work);
    } else {
        std::filesystem::remove_all(request.directory / ".git");
    }
    co_return commit;
}

}  // namespace patchbay
