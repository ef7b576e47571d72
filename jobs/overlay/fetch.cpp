// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/fetch.hpp"

#include <cctype>

#include "core/errors.hpp"
#include "core/process/run_command.hpp"

namespace patchbay {
namespace {

/// $NAME and ${NAME}; unknown names stay as they are, as os.path.expandvars leaves them.
std::string expand(const std::string& text, const std::map<std::string, std::string>& secrets) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        std::string name;
        if (text[i] == '$' && end < text.size() && text[end] == '{') {
            const auto close = text.find('}', end);
            if (close != std::string::npos) {
                name = text.substr(end + 1, close - end - 1);
                end = close + 1;
            }
        } else if (text[i] == '$') {
            while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
                ++end;
            name = text.substr(i + 1, end - i - 1);
        }
        const auto value = name.empty() ? secrets.end() : secrets.find(name);
        if (value == secrets.end()) {
            result += text[i++];
        } else {
            result += value->second;
            i = end;
        }
    }
    return result;
}

Command git(const GitClone& request, std::vector<std::string> arguments) {
    Command command;
    command.argv = {"/usr/bin/git"};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    command.environment = request.environment;
    // Nobody is there to answer a question for a password.
    command.environment["GIT_TERMINAL_PROMPT"] = "0";
    command.environment["GIT_ALLOW_PROTOCOL"] = "http:https:git:ssh:file";
    return command;
}

std::vector<std::string> clone_arguments(const GitClone& request, bool shallow) {
    std::vector<std::string> arguments{"clone"};
    if (request.recursive) arguments.push_back("--recurse-submodules");
    if (!request.branch.empty()) {
        arguments.push_back("-b");
        arguments.push_back(request.branch);
    }
    if (shallow) arguments.push_back("--depth=1");
    return arguments;
}

/// One command; false when git says no. Its output is logged only then.
Task<bool> run_git(const GitClone& request, std::vector<std::string> arguments, Deadline deadline) {
    auto command = git(request, std::move(arguments));
    auto output = co_await capture_command(std::move(command), deadline);
    if (output.exit_code == 0) co_return true;
    std::size_t start = 0;
    while (start < output.text.size()) {
        const auto end = std::min(output.text.find('\n', start), output.text.size());
        request.log(LogLevel::debug, ">> " + output.text.substr(start, end - start));
        start = end + 1;
    }
    co_return false;
}

Task<bool> try_clone(const GitClone& request, bool shallow, Deadline deadline) {
    std::error_code ignored;
    std::filesystem::remove_all(request.directory, ignored);
    std::filesystem::create_directories(request.directory.parent_path());
    auto arguments = clone_arguments(request, shallow);
    std::string shown = "/usr/bin/git";
    for (const auto& argument : arguments) shown += " " + argument;
    const auto folder = request.directory.string();
    request.log(LogLevel::debug, "Running '" + shown + " " + request.url + " " + folder + "'");
    arguments.push_back("--");  // a secret may begin like an option, too
    arguments.push_back(expand(request.url, request.secrets));
    arguments.push_back(folder);
    co_return co_await run_git(request, std::move(arguments), deadline);
}

Task<bool> check_out(const GitClone& request, Deadline deadline) {
    std::vector<std::string> arguments{"-C", request.directory.string(), "checkout", request.revision};
    if (!co_await run_git(request, std::move(arguments), deadline)) co_return false;
    if (!request.recursive) co_return true;
    std::vector<std::string> update{"-C", request.directory.string(), "submodule", "update", "--init", "--recursive"};
    co_return co_await run_git(request, std::move(update), deadline);
}

Task<bool> attempt(const GitClone& request, bool& shallow, Deadline deadline) {
    bool cloned = co_await try_clone(request, shallow, deadline);
    if (!cloned && shallow) {
        // Plain web servers cannot give a part of the history.
        shallow = false;
        cloned = co_await try_clone(request, false, deadline);
    }
    if (!cloned) co_return false;
    if (request.revision.empty()) co_return true;
    co_return co_await check_out(request, deadline);
}

}  // namespace

Task<std::string> clone_repository(GitClone request, Deadline deadline) {
    for (const auto* text : {&request.url, &request.branch, &request.revision}) {
        if (text->starts_with('-')) throw JobError{"'" + *text + "' cannot be given to git: it begins like an option"};
    }
    const std::string failure = "Unable to fetch git repository '" + request.url + "'";
    bool shallow = request.shallow && request.revision.empty();
    bool done = false;
    for (int left = request.tries; left > 0 && !done; --left) {
        done = co_await attempt(request, shallow, deadline);
        if (!done && left > 1) co_await sleep_for(request.pause);
    }
    if (!done) throw InfrastructureError{failure};
    std::vector<std::string> arguments{"-C", request.directory.string(), "log", "-1", "--pretty=%H"};
    auto command = git(request, std::move(arguments));
    auto output = co_await capture_command(std::move(command), deadline);
    while (!output.text.empty() && std::isspace(static_cast<unsigned char>(output.text.back()))) output.text.pop_back();
    if (output.exit_code != 0) throw InfrastructureError{failure + ": it has no commit"};
    if (!request.history) std::filesystem::remove_all(request.directory / ".git");
    co_return std::move(output.text);
}

}  // namespace patchbay
