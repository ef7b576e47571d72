// SPDX-License-Identifier: Apache-2.0
// patchbay reserve, reservations: a device for your own jobs, for a while.
#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/text/table.hpp"
#include "cli/text/times.hpp"

namespace patchbay::cli {

Exit reserve(const ReserveOptions& options, Session& session) {
    config::Map fields;
    put(fields, "for", options.time);
    if (!options.idle_release.empty()) put(fields, "idle_release", options.idle_release);
    if (!options.reason.empty()) put(fields, "reason", options.reason);
    const auto made = session.lab().reserve(options.device, std::move(fields));
    if (session.json()) {
        session.print(made);
        return Exit::ok;
    }
    const auto* used = made.find("in_use");
    session.terminal.out << options.device << " is reserved for you until " << long_time(text_at(made, "until"))
                         << "\n";
    if (used && used->as_bool() && *used->as_bool())
        session.terminal.out << "it has a job now, and is yours when that is over\n";
    return Exit::ok;
}

Exit reservations(Session& session) {
    auto found = session.lab().list("/api/v0.2/reservations/", "", 0);
    if (session.json()) {
        session.print(config::Value{std::move(found)});
        return Exit::ok;
    }
    Table table{{{"DEVICE", Align::left, Fit::shrink},
                 {"USER"},
                 {"JOB", Align::right},
                 {"ENDS"},
                 {"REASON", Align::left, Fit::shrink}}};
    for (const auto& one : found) {
        table.add({{text_at(one, "device"), Colour::bold},
                   {text_at(one, "user")},
                   {text_at(one, "job")},
                   {short_time(text_at(one, "ends"))},
                   {text_at(one, "reason"), Colour::dim}});
    }
    if (table.empty())
        session.terminal.err << "no reservations\n";
    else
        session.terminal.out << table.str(session.terminal.width, session.terminal.paint);
    return Exit::ok;
}

}  // namespace patchbay::cli
