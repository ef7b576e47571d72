// SPDX-License-Identifier: Apache-2.0
// patchbay why: what is in the way of a job that waits.
#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/text/table.hpp"
#include "cli/text/times.hpp"
#include "cli/text/utf8.hpp"

namespace patchbay::cli {
namespace {

std::string text_of(const config::Value& answer) {
    auto text = one_line(text_at(answer, "text"));
    const auto job = text_at(answer, "job");
    return job.empty() ? text : text + " (" + job + ")";
}

void show_devices(const config::Value& reasons, Terminal& terminal) {
    Table table{{{"DEVICE", Align::left, Fit::shrink},
                 {"REASON"},
                 {"UNTIL", Align::left, Fit::spare},
                 {"", Align::left, Fit::shrink}}};
    for (const auto& answer : list_at(reasons, "devices")) {
        table.add({{text_at(answer, "device"), Colour::bold},
                   {text_at(answer, "reason"), Colour::yellow},
                   {short_time(text_at(answer, "until")), Colour::dim},
                   {text_of(answer)}});
    }
    if (table.empty())
        terminal.out << "there is no device of type " << text_at(reasons, "device_type") << "\n";
    else
        terminal.out << table.str(0, terminal.paint);  // whole: the reasons say what to do
    const auto left_out = int_at(reasons, "devices_left_out").value_or(0);
    if (left_out > 0) terminal.out << "and " << left_out << " more devices\n";
}

void show_group(const config::Value& reasons, Terminal& terminal) {
    const auto parts = list_at(reasons, "group");
    if (parts.empty()) return;
    terminal.out << "the jobs of its group begin together, when each has a device:\n";
    Table table{{{"JOB"}, {"ROLE"}, {"TYPE"}, {"DEVICE"}}};
    for (const auto& part : parts) {
        const auto* free = part.find("device_free");
        const bool has_one = free && free->as_bool() && *free->as_bool();
        table.add({{text_at(part, "sub_id"), Colour::bold},
                   {text_at(part, "role")},
                   {text_at(part, "device_type")},
                   {has_one ? "one is free" : "none is free", has_one ? Colour::none : Colour::yellow}});
    }
    terminal.out << table.str(terminal.width, terminal.paint);
}

}  // namespace

Exit why(const std::string& id, Session& session) {
    check_job_id(id);
    const auto reasons = session.lab().why(id);
    if (session.json()) {
        session.print(reasons);
        return Exit::ok;
    }
    auto& out = session.terminal.out;
    const auto* waiting = reasons.find("waiting");
    if (!waiting || waiting->as_bool() == nullptr || !*waiting->as_bool()) {
        const auto device = text_at(reasons, "actual_device");
        out << "job " << id << " does not wait: it is " << text_at(reasons, "state")
            << (device.empty() ? "" : " on " + device) << "\n";
        return Exit::ok;
    }
    out << "job " << id << " waits for a device of type " << text_at(reasons, "device_type") << " since "
        << long_time(text_at(reasons, "submit_time")) << ", with priority " << text_at(reasons, "priority") << "\n";
    if (const auto leaves = text_at(reasons, "leaves_queue"); !leaves.empty())
        out << "it leaves the queue at " << long_time(leaves) << "\n";
    if (const auto* always = reasons.find("always"); always && always->is_map())
        out << "whatever is free: " << text_of(*always) << "\n";
    show_group(reasons, session.terminal);
    show_devices(reasons, session.terminal);
    return Exit::ok;
}

}  // namespace patchbay::cli
