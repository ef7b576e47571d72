// SPDX-License-Identifier: Apache-2.0
// patchbay devices, whoami, version: questions to the server.
#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/text/table.hpp"
#include "cli/text/times.hpp"
#include "cli/text/utf8.hpp"
#include "core/text.hpp"

namespace patchbay::cli {
namespace {

/// Below the table, where nothing is cut: they end with what to do.
void show_reasons(const config::List& devices, Terminal& terminal) {
    std::string lines;
    for (const auto& device : devices) {
        const auto health = text_at(device, "health");
        const auto reason = one_line(text_at(device, "health_reason"));
        if (health == "Good" || reason.empty()) continue;
        lines += terminal.paint(Colour::bold, text_at(device, "hostname")) + " is " +
                 terminal.paint(colour_of_state(health), health) + " since " +
                 short_time(text_at(device, "health_since")) + ": " + reason + "\n";
    }
    if (!lines.empty()) terminal.out << "\n" << lines;
}

Exit show_history(const std::string& device, Session& session) {
    auto changes = session.lab().list("/api/v0.2/devices/" + percent_encode(device) + "/health/", "", 0);
    if (session.json()) {
        session.print(config::Value{std::move(changes)});
        return Exit::ok;
    }
    for (const auto& change : changes) {
        const auto health = text_at(change, "health");
        session.terminal.out << session.terminal.paint(Colour::dim, short_time(text_at(change, "time"))) << "  "
                             << text_at(change, "was") << " -> "
                             << session.terminal.paint(colour_of_state(health), health) << ": "
                             << one_line(text_at(change, "reason")) << "\n";
    }
    if (changes.empty()) session.terminal.err << device << ": its health has never changed\n";
    return Exit::ok;
}

}  // namespace

Exit devices(const std::string& name, Session& session) {
    if (!name.empty()) return show_history(name, session);
    auto found = session.lab().list("/api/v0.2/devices/", "ordering=hostname&health_reason=1", 0);
    if (session.json()) {
        session.print(config::Value{std::move(found)});
        return Exit::ok;
    }
    Table table{{{"DEVICE", Align::left, Fit::shrink},
                 {"TYPE", Align::left, Fit::shrink},
                 {"STATE"},
                 {"HEALTH"},
                 {"HOST", Align::left, Fit::spare},
                 {"DESCRIPTION", Align::left, Fit::spare}}};
    for (const auto& device : found) {
        const auto state = text_at(device, "state");
        const auto health = text_at(device, "health");
        table.add({{text_at(device, "hostname"), Colour::bold},
                   {text_at(device, "device_type")},
                   {state, colour_of_state(state)},
                   {health, colour_of_state(health)},
                   {text_at(device, "worker_host")},
                   {text_at(device, "description"), Colour::dim}});
    }
    if (table.empty())
        session.terminal.err << "no devices\n";
    else
        session.terminal.out << table.str(session.terminal.width, session.terminal.paint);
    show_reasons(found, session.terminal);
    return Exit::ok;
}

Exit whoami(Session& session) {
    const auto user = session.lab().user();
    if (session.json()) {
        config::Map out;
        put(out, "user", user);
        put(out, "server", session.lab().http().server());
        session.print(config::Value{std::move(out)});
    } else {
        session.terminal.out << (user.empty() ? "nobody (no token)" : user) << " at " << session.lab().http().server()
                             << "\n";
    }
    return Exit::ok;
}

Exit version(Session& session) {
    std::string server;
    std::string failure;
    try {
        server = session.lab().version();
    } catch (const UserError& error) {
        failure = error.what();  // our own version is an answer without any server
    }
    if (session.json()) {
        config::Map out;
        put(out, "patchbay", PATCHBAY_VERSION);
        put(out, "server", session.lab().http().server());
        put(out, "server_version", server.empty() ? config::Value{} : config::Value{server});
        session.print(config::Value{std::move(out)});
        return Exit::ok;
    }
    session.terminal.out << "patchbay " PATCHBAY_VERSION "\n";
    if (!server.empty()) session.terminal.out << session.lab().http().server() << " speaks as LAVA " << server << "\n";
    if (!failure.empty()) session.terminal.err << "patchbay: " << failure << "\n";
    return Exit::ok;
}

}  // namespace patchbay::cli
