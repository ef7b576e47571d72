// SPDX-License-Identifier: Apache-2.0
// patchbayd: the control plane. `patchbayd` alone serves; the other commands look after its configuration and users.
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iostream>

#include "core/errors.hpp"
#include "core/log_lines.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/task_group.hpp"
#include "daemon/admin/command.hpp"
#include "daemon/check.hpp"
#include "daemon/import_command.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/notification_commands.hpp"
#include "daemon/serve.hpp"
#include "daemon/store/store_lock.hpp"

namespace patchbay {
namespace {

struct Options {
    std::string config, listen, state, runner_sockets;
};

/// Options of the command line win over the file, the file over the defaults.
Settings settings_of(const Options& options) {
    auto settings = options.config.empty() ? default_settings() : read_settings(options.config);
    if (!options.listen.empty()) settings.listen = parse_listen(options.listen);
    if (!options.state.empty()) settings.state_dir = options.state;
    if (!options.runner_sockets.empty()) settings.runner_sockets = options.runner_sockets;
    complete(settings);
    return settings;
}

void refuse(const std::vector<std::string>& problems) {
    std::string text;
    for (const auto& line : problems) text += (text.empty() ? "" : "\n") + line;
    if (!text.empty()) throw ConfigurationError{text};
}

/// The daemon that serves this lab has a part of the store in its head: which jobs wait for what.
void tell_daemon(const Settings& settings) {
    const auto daemon = lock_owner(settings.state_dir / "daemon.lock");
    // Without the right to tell it: jobs that wait look again when the next one comes or ends.
    if (daemon) ::kill(*daemon, store_changed_signal);
}

/// Runs one command on the store, also beside a running daemon.
void on_store(const Options& options, const std::function<Task<>(Store&)>& command) {
    const auto settings = settings_of(options);
    asio::io_context io;
    asio::thread_pool workers{1};
    Store store{io.get_executor(), workers, settings.store_file, StoreUse::admin};
    std::exception_ptr failure;
    TaskGroup group{io.get_executor()};
    group.on_failure([&](const std::string&, std::exception_ptr error) { failure = error; });
    group.spawn("command", command(store));
    io.run();
    // Also after one that only read: jobs that wait are looked at again, and wait on.
    tell_daemon(settings);
    if (failure) std::rethrow_exception(failure);
}

/// What cannot be read is said here, and the daemon goes on as it is.
void reload(const Settings& settings, std::ostream& out) {
    refuse(problems_of_named_files(settings));
    const auto daemon = lock_owner(settings.state_dir / "daemon.lock");
    if (!daemon)
        throw ConfigurationError{"no patchbayd serves " + settings.state_dir.string() +
                                 "; give the --config and --state that it has"};
    if (::kill(*daemon, SIGHUP) != 0)
        throw ConfigurationError{"patchbayd (pid " + std::to_string(*daemon) +
                                 ") cannot be told: " + std::strerror(errno) + "; run this as its user or as root"};
    out << "told patchbayd (pid " << *daemon
        << ") to read its devices, its rules of sharing and its certificate again\n";
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app{"patchbayd: the daemon of a hardware lab"};
    app.set_version_flag("--version", PATCHBAY_VERSION);
    app.add_option("--config", options.config,
                   "configuration file (docs/configuration.md); without it all defaults hold");
    app.add_option("--listen", options.listen, "ADDRESS:PORT to serve HTTP on");
    app.add_option("--state", options.state, "folder of the store, the cache and the leases");
    app.add_option("--runner-sockets", options.runner_sockets,
                   "folder with a socket for each device, where systemd starts its runner");
    app.require_subcommand(0, 1);
    app.fallthrough();

    app.add_subcommand("serve", "serve until SIGTERM; what happens without a command");
    auto* check = app.add_subcommand("check", "read the configuration and print every problem");
    std::vector<std::string> files;
    bool json = false;
    check->add_option("FILE", files, "instead of it: configurations, files of rules and device files");
    check->add_flag("--json", json, "a line of JSON for each file");

    app.add_subcommand("reload",
                       "let the running daemon read its devices, its rules of sharing and its certificate again");
    AdminCommand command;
    auto& user = add_user_commands(app, command);
    add_token_commands(app, command);
    add_group_commands(app, command);
    add_permission_commands(app, command);
    add_worker_commands(app, command);
    add_attach_commands(app, command);
    add_audit_command(app, command);

    NotificationCommands notifications{app, user};
    ImportCommand import{app};

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    auto& out = std::cout;
    const auto store_command = [&](const std::function<Task<>(Store&)>& work) { on_store(options, work); };
    if (notifications.run(store_command, out)) {
        // done
    } else if (*check) {
        if (!files.empty())
            return check_files(files, json ? CheckFormat::json : CheckFormat::text, out, std::cerr) ? 0 : 1;
        refuse(problems_of_named_files(settings_of(options)));
        out << "configuration is good\n";
    } else if (import) {
        return import.run(out, std::cerr) ? 0 : 1;
    } else if (app.got_subcommand("reload")) {
        reload(settings_of(options), out);
    } else if (command) {
        on_store(options, [&](Store& store) { return command(store, out); });
    } else {
        const auto settings = settings_of(options);
        refuse(problems_of_named_files(settings, CheckPurpose::serve));
        serve(settings, [&options] {
            auto again = settings_of(options);
            refuse(problems_of_named_files(again, CheckPurpose::serve));
            return again;
        });
    }
    out.flush();
    return 0;
}

}  // namespace
}  // namespace patchbay

int main(int argc, char** argv) {
    // Definitions and logs may carry secrets: the store and the leases are not for other users.
    ::umask(0027);
    patchbay::fill_standard_streams();
    spdlog::set_formatter(patchbay::log_line_formatter());
    try {
        return patchbay::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "patchbayd: %s\n", patchbay::describe(error).c_str());
        return 1;
    }
}
