// SPDX-License-Identifier: Apache-2.0
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

    // A console is a terminal over there (-tt), takes every byte (no escape character), asks nobody anything, and is
    // found out to be dead within a minute.
    std::vector<std::string> argv{"ssh", "-tt"};
    for (const auto* option : {"EscapeChar=none", "BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=10",
                               "ServerAliveInterval=15", "ServerAliveCountMax=3", "ControlPath=none"})
        argv.insert(argv.end(), {"-o", option});
    if (!known_hosts.empty()) argv.insert(argv.end(), {"-o", "UserKnownHostsFile=" + known_hosts});
    if (!key_file.empty()) argv.insert(argv.end(), {"-o", "IdentitiesOnly=yes", "-i", key_file});
    if (port) argv.insert(argv.end(), {"-p", std::to_string(*port)});
    if (!user.empty()) argv.insert(argv.end(), {"-l", user});
    argv.push_back(host);
    if (!command.empty()) argv.push_back(command);
    auto description =
        "ssh " + (user.empty() ? "" : user + "@") + host + (port ? " port " + std::to_string(*port) : "");
    return make_program_console(std::move(argv), std::move(description), request);
}

}  // namespace patchbay
