// SPDX-License-Identifier: Apache-2.0
#include "devices/ssh_login.hpp"
#include "drivers/exec/exec.hpp"

namespace patchbay {
namespace {

/// What ssh would take for an option, or for the beginning of one.
void refuse_option(const DriverRequest& request, std::string_view key, const std::string& value) {
    if (value.starts_with('-')) request.options.problem(key, "must not begin with '-'");
}

}  // namespace

DriverPtr make_ssh_console(const DriverRequest& request) {
    auto& options = request.options;
    const auto host = options.required<std::string>("host");
    const auto user = options.value_or<std::string>("user", "");
    const auto port = options.maybe<int>("port");
    const auto key_file = options.value_or<std::string>("key_file", "");
    const auto known_hosts = options.value_or<std::string>("known_hosts", "");
    const auto command = options.value_or<std::string>("command", "");
    refuse_option(request, "host", host);
    refuse_option(request, "user", user);
    if (port && (*port < 1 || *port > 65535)) options.problem("port", "must be from 1 to 65535");
    options.finish();

    SshLogin login;
    login.host = host;
    login.user = user;
    login.port = port;
    login.key_file = key_file;
    login.known_hosts = known_hosts;
    auto argv = ssh_words(login);
    if (!command.empty()) argv.push_back(command);
    auto description =
        "ssh " + (user.empty() ? "" : user + "@") + host + (port ? " port " + std::to_string(*port) : "");
    return make_program_console(std::move(argv), std::move(description), request);
}

}  // namespace patchbay
