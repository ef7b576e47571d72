// SPDX-License-Identifier: Apache-2.0
// patchbay jobs, show, cancel: what there is in the queue and behind it.
#include <algorithm>
#include <array>

#include "cli/commands/commands.hpp"
#include "cli/json.hpp"
#include "cli/results/show.hpp"
#include "cli/text/table.hpp"
#include "cli/text/times.hpp"
#include "cli/text/utf8.hpp"
#include "core/text.hpp"

namespace patchbay::cli {
namespace {

constexpr std::array<std::string_view, 6> known_states{"Submitted", "Scheduling", "Scheduled",
                                                       "Running",   "Canceling",  "Finished"};

std::string display_state(const std::string& word) {
    for (const auto known : known_states)
        if (lower_case(known) == lower_case(word)) return std::string{known};
    std::string text = "--state: unknown state '" + word + "'; the states are";
    for (const auto known : known_states) text += " " + lower_case(known);
    throw UserError{text};
}

std::string query_of(const JobsOptions& options, Session& session) {
    std::string query = "ordering=-id";
    if (options.states.size() == 1) query += "&state=" + display_state(options.states.front());
    if (options.states.size() > 1) {
        std::string list;
        for (const auto& state : options.states) list += (list.empty() ? "" : ",") + display_state(state);
        query += "&state__in=" + percent_encode(list);
    }
    if (options.mine) {
        const auto user = session.lab().user();
        if (user.empty()) throw UserError{"--mine: the server does not know you; give a token (PATCHBAY_TOKEN)"};
        query += "&submitter__username=" + percent_encode(user);
    }
    return query;
}

std::string word_of(const config::Value& job) {
    const auto state = text_at(job, "state");
    return state == "Finished" ? text_at(job, "health") : state;
}

// Definitions are pages of text, and whoever wants them asks for the one job.
config::Value without_definitions(const config::Value& job) {
    auto out = *job.as_map();
    for (const auto* key : {"definition", "original_definition", "multinode_definition"}) out.erase(key);
    return config::Value{std::move(out)};
}

}  // namespace

Exit jobs(const JobsOptions& options, Session& session) {
    const auto query = query_of(options, session);
    const auto found = session.lab().list("/api/v0.2/jobs/", query, options.limit);
    if (session.json()) {
        config::List out;
        for (const auto& job : found)
            if (job.is_map()) out.push_back(without_definitions(job));
        session.print(config::Value{std::move(out)});
        return Exit::ok;
    }
    Table table{{{"JOB", Align::right},
                 {"STATE"},
                 {"DEVICE", Align::left, Fit::shrink},
                 {"SUBMITTER", Align::left, Fit::spare},
                 {"SUBMITTED", Align::left, Fit::spare},
                 {"NAME", Align::left, Fit::shrink}}};
    for (const auto& job : found) {
        auto device = text_at(job, "actual_device");
        if (device.empty()) device = text_at(job, "requested_device_type");
        const auto word = word_of(job);
        table.add({{text_at(job, "id"), Colour::bold},
                   {word, colour_of_state(word)},
                   {device},
                   {text_at(job, "submitter")},
                   {short_time(text_at(job, "submit_time")), Colour::dim},
                   {text_at(job, "description")}});
    }
    if (table.empty())
        session.terminal.err << "no jobs\n";
    else
        session.terminal.out << table.str(session.terminal.width, session.terminal.paint);
    return Exit::ok;
}

Exit show(const std::string& id, Session& session) {
    check_job_id(id);
    const auto job = session.lab().job(id);
    if (session.json()) {
        session.print(job);
        return Exit::ok;
    }
    auto& out = session.terminal.out;
    const auto& paint = session.terminal.paint;
    const auto line = [&](std::string_view title, const std::string& text, Colour colour = Colour::none) {
        if (text.empty()) return;
        out << paint(Colour::bold, title) << std::string(14 - title.size(), ' ') << paint(colour, one_line(text))
            << "\n";
    };
    const auto word = word_of(job);
    const auto time = seconds_between(text_at(job, "start_time"), text_at(job, "end_time"));
    line("job", id);
    line("name", text_at(job, "description"));
    line("state", word, colour_of_state(word));
    line("device type", text_at(job, "requested_device_type"));
    line("device", text_at(job, "actual_device"));
    line("submitter", text_at(job, "submitter"));
    line("priority", text_at(job, "priority"));
    line("submitted", long_time(text_at(job, "submit_time")));
    line("started", long_time(text_at(job, "start_time")));
    line("ended", long_time(text_at(job, "end_time")));
    if (time) line("took", duration_text(*time));
    line("failure", text_at(job, "failure_comment"), Colour::red);
    if (const auto number = text_at(job, "portable_job"); !number.empty())
        line("portable job", number + "; its results side by side: patchbay compare " + id);
    line("url", session.lab().job_url(id));
    return Exit::ok;
}

Exit cancel(const std::vector<std::string>& ids, Session& session) {
    for (const auto& id : ids) check_job_id(id);
    auto end = Exit::ok;
    config::List canceled;
    const auto print_canceled = [&] {
        if (!session.json()) return;
        config::Map out;
        put(out, "canceled", config::Value{canceled});
        session.print(config::Value{std::move(out)});
    };
    for (const auto& id : ids) {
        try {
            const auto job = session.lab().job(id);
            const bool over = text_at(job, "state") == "Finished";
            if (!over) session.lab().cancel(id);
            if (!session.json())
                session.terminal.out << "job " << id
                                     << (over ? ": was over already, " + word_of(job) : ": told to stop") << "\n";
            if (!over) canceled.emplace_back(id);
        } catch (const ConnectionError&) {
            print_canceled();
            throw;
        } catch (const UserError& error) {
            session.terminal.err << "patchbay: " << error.what() << "\n";
            end = Exit::trouble;
        }
    }
    print_canceled();
    return end;
}

}  // namespace patchbay::cli
