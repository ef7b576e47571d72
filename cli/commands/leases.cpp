// SPDX-License-Identifier: Apache-2.0
// patchbay acquire, extend, release, leases: a device to work at.
#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/json.hpp"
#include "cli/text/table.hpp"
#include "cli/text/times.hpp"

namespace patchbay::cli {
namespace {

constexpr auto api = "/api/v0.2/leases/";
/// A free device is there after some tenths of a second; who does not wait waits so long for it.
constexpr auto short_patience = std::chrono::seconds{5};
constexpr auto look_again = std::chrono::milliseconds{200};

constexpr auto perhaps_done = "; it may have been done all the same: see patchbay leases";

std::string path_of(const config::Value& lease, const std::string& what) {
    return std::string{api} + text_at(lease, "id") + "/" + what;
}

config::Map fields_of(const AcquireOptions& options) {
    config::Map fields;
    if (!options.device.empty()) put(fields, "device", options.device);
    if (!options.type.empty()) put(fields, "device_type", options.type);
    if (!options.tags.empty()) {
        config::List tags;
        for (const auto& tag : options.tags) tags.emplace_back(tag);
        put(fields, "tags", std::move(tags));
    }
    const std::pair<const char*, const std::string*> texts[] = {
        {"time", &options.time}, {"idle_release", &options.idle_release}, {"note", &options.note}};
    for (const auto& [key, text] : texts)
        if (!text->empty()) put(fields, key, *text);
    if (options.priority) put(fields, "priority", *options.priority);
    if (options.personal) put(fields, "visibility", "personal");
    return fields;
}

/// Until its device is there, or it is over, or nobody waits any longer.
config::Value await_device(config::Value lease, const AcquireOptions& options, Session& session) {
    const InterruptGuard guard;
    Progress progress{session.terminal};
    const auto id = text_at(lease, "id");
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
        const auto state = text_at(lease, "state");
        if (state == "Running" || state == "Finished" || state == "Canceling") return lease;
        const bool late = std::chrono::steady_clock::now() - start > short_patience;
        if (!options.wait && late) return lease;
        if (options.wait && late) progress.show("lease " + id + " waits in the queue; Ctrl-C leaves it there");
        pause_for(look_again);
        lease = session.lab().lease_by_number(id);
    }
}

Exit tell_of_lease(const config::Value& lease, Session& session) {
    const auto id = text_at(lease, "id");
    const auto state = text_at(lease, "state");
    const auto device = text_at(lease, "device");
    const bool begun = state == "Running" || state == "Scheduled";
    if (session.json()) {
        session.print(lease);
    } else if (begun) {
        const auto ends = text_at(lease, "ends");
        session.terminal.out << device << " is yours" << (ends.empty() ? "" : " until " + long_time(ends)) << " (lease "
                             << id << ")\n"
                             << "console: patchbay console " << device << "\n";
    } else if (state == "Submitted") {
        session.terminal.out << "lease " << id << " waits in the queue; see: patchbay why " << id
                             << ", give up: patchbay release " << id << "\n";
    }
    if (begun || state == "Submitted") return Exit::ok;
    if (!session.json()) session.terminal.err << "lease " << id << " is over; see: patchbay logs " << id << "\n";
    return Exit::broken;
}

}  // namespace

Exit acquire(const AcquireOptions& options, Session& session) {
    if (options.device.empty() == options.type.empty())
        throw UserError{"name a device, or with --type a device type, of which any device will do"};
    auto lease =
        session.lab().post(api, fields_of(options), "acquire", "; the lease may have been made: see patchbay leases");
    const auto id = text_at(lease, "id");
    try {
        lease = await_device(std::move(lease), options, session);
    } catch (const Interrupted&) {
        session.terminal.err << "patchbay: lease " << id << " stays in the queue; give it up with: patchbay release "
                             << id << std::endl;
        throw;
    }
    return tell_of_lease(lease, session);
}

Exit extend(const ExtendOptions& options, Session& session) {
    const auto lease = session.lab().lease(options.lease);
    config::Map fields;
    put(fields, "time", options.time);
    const auto longer =
        session.lab().post(path_of(lease, "extend/"), std::move(fields), "lease " + text_at(lease, "id"), perhaps_done);
    if (session.json())
        session.print(longer);
    else
        session.terminal.out << text_at(longer, "device") << " is yours until " << long_time(text_at(longer, "ends"))
                             << "\n";
    return Exit::ok;
}

namespace {

/// By number any lease that one may end, without a name the only one of one's own.
void release_lease(const config::Value& lease, Session& session) {
    const auto name = "lease " + text_at(lease, "id");
    session.lab().post(path_of(lease, "release/"), {}, name, perhaps_done);
    const auto device = text_at(lease, "device");
    if (!session.json()) session.terminal.out << (device.empty() ? name : device) << " is released\n";
}

/// Says whose lease it is when there is one.
UserError nothing_to_release(const std::string& device, Lab& lab) {
    auto text = "device " + device + ": you have neither a lease nor a reservation of it";
    for (const auto& one : lab.list(api, "", 0)) {
        if (text_at(one, "device") != device || text_at(one, "state") == "Submitted") continue;
        text += "; " + text_at(one, "user") + " has lease " + text_at(one, "id") +
                ", which is ended by its number: patchbay release " + text_at(one, "id");
    }
    return UserError{text};
}

bool is_reserved(const std::string& device, Lab& lab) {
    const auto all = lab.list("/api/v0.2/reservations/", "", 0);
    return std::ranges::any_of(all, [&](const config::Value& one) { return text_at(one, "device") == device; });
}

}  // namespace

/// Of a device that others have only one's own is given back.
Exit release(const std::string& name, Session& session) {
    auto& lab = session.lab();
    if (name.find_first_not_of("0123456789") == std::string::npos) {
        release_lease(lab.lease(name), session);
    } else if (const auto lease = lab.own_lease(name)) {
        release_lease(*lease, session);
    } else if (is_reserved(name, lab)) {
        lab.release(name);
        if (!session.json()) session.terminal.out << name << " is released\n";
    } else {
        throw nothing_to_release(name, lab);
    }
    return Exit::ok;
}

Exit leases(Session& session) {
    auto found = session.lab().list(api, "", 0);
    if (session.json()) {
        session.print(config::Value{std::move(found)});
        return Exit::ok;
    }
    Table table{{{"LEASE", Align::right},
                 {"DEVICE", Align::left, Fit::shrink},
                 {"USER"},
                 {"STATE"},
                 {"ENDS"},
                 {"NOTE", Align::left, Fit::shrink}}};
    for (const auto& one : found) {
        const auto state = text_at(one, "state");
        const auto device = text_at(one, "device");
        table.add({{text_at(one, "id")},
                   {device.empty() ? "any " + text_at(one, "device_type") : device, Colour::bold},
                   {text_at(one, "user")},
                   {state == "Submitted" ? "waits" : state, colour_of_state(state)},
                   {short_time(text_at(one, "ends"))},
                   {text_at(one, "note"), Colour::dim}});
    }
    if (table.empty())
        session.terminal.err << "no leases\n";
    else
        session.terminal.out << table.str(session.terminal.width, session.terminal.paint);
    return Exit::ok;
}

}  // namespace patchbay::cli
