// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/watch.hpp"

#include <algorithm>

#include "cli/interrupt.hpp"
#include "cli/json.hpp"
#include "cli/results/show.hpp"
#include "cli/text/utf8.hpp"

namespace patchbay::cli {
namespace {

std::string state_text(const std::string& state) {
    if (state == "Submitted") return "waiting in queue…";
    if (state == "Scheduling" || state == "Scheduled") return "waiting for its device…";
    if (state == "Running") return "running…";
    if (state == "Canceling") return "being canceled…";
    return {};
}

void announce(const std::vector<std::string>& jobs, Session& session) {
    for (const auto& job : jobs) {
        const auto url = session.lab().job_url(job);
        if (session.json()) {
            config::Map line;
            put(line, "job", job);
            put(line, "url", url);
            session.print(config::Value{std::move(line)});
        } else {
            session.terminal.out << session.terminal.paint(Colour::bold, job) << "  " << url << "\n";
        }
    }
    session.terminal.out.flush();
}

/// The daemon may be restarted just when the job is over.
Report patient_report(const std::string& job, LogListener& listener, Session& session) {
    const auto& patience = session.patience;
    const auto start = std::chrono::steady_clock::now();
    for (auto wait = patience.first_retry;; wait = std::min(wait * 2, patience.longest_retry)) {
        try {
            return session.lab().report(job);
        } catch (const ConnectionError& error) {
            if (std::chrono::steady_clock::now() - start > patience.give_up)
                throw ConnectionError{std::string{error.what()} + "; gave up, see later with: patchbay results " + job +
                                      " --exit-code"};
            if (wait == patience.first_retry)
                listener.note(std::string{"no results yet ("} + error.what() + "), trying again…");
        }
        pause_for(wait);
    }
}

Report follow_to_report(const std::string& job, LogForm form, const std::string& levels, Session& session) {
    LogScreen screen{session, job, form, parse_levels(levels)};
    follow(session.lab(), job, 0, screen, session.patience);
    return patient_report(job, screen, session);
}

Exit watch_one(const std::string& job, Watch watch, const std::string& levels, Session& session) {
    const auto form = watch == Watch::wait ? LogForm::silent : session.json() ? LogForm::json : LogForm::rendered;
    return finish_report(follow_to_report(job, form, levels, session), session);
}

}  // namespace

LogScreen::LogScreen(Session& session, std::string job, LogForm form, Levels levels)
    : session_{session}, job_{std::move(job)}, form_{form}, levels_{std::move(levels)}, progress_{session.terminal} {}

void LogScreen::line(std::int64_t number, const LogRecord& record) {
    if (form_ == LogForm::silent) {
        if (const auto step = step_of(record); !step.empty()) progress_.show("job " + job_ + ": " + step + "…");
        return;
    }
    if (!levels_.empty() && !levels_.contains(record.level)) return;
    progress_.clear();
    auto& out = session_.terminal.out;
    switch (form_) {
        case LogForm::rendered:
            out << render(record, session_.terminal.paint);
            break;
        case LogForm::raw:
            out << "- " << record.stored << "\n";
            break;
        case LogForm::json:
            out << record_json(record, number) << "\n";
            break;
        case LogForm::silent:
            break;
    }
    dirty_ = true;
}

void LogScreen::state(const std::string& state, const std::string&) {
    if (state == state_) return;
    state_ = state;
    const auto text = state_text(state);
    if (!text.empty()) progress_.show("job " + job_ + ": " + text);
}

void LogScreen::note(const std::string& text) {
    flush();
    progress_.clear();
    session_.terminal.err << session_.terminal.err_paint(Colour::yellow, "patchbay: " + one_line(text)) << std::endl;
}

void LogScreen::flush() {
    if (dirty_) session_.terminal.out.flush();
    dirty_ = false;
    if (!session_.terminal.out.good())
        throw UserError{"stdout: cannot be written; is the disk full or the reader gone?"};
}

std::string step_of(const LogRecord& record) {
    const auto* text = record.text.as_string();
    if (!text || !text->starts_with("start: ")) return {};
    const auto level_end = text->find(' ', 7);
    if (level_end == std::string::npos) return {};
    return text->substr(level_end + 1, text->find(' ', level_end + 1) - level_end - 1);
}

Exit announce_and_watch(const std::vector<std::string>& jobs, Watch watch, const std::string& levels,
                        Session& session) {
    announce(jobs, session);
    if (watch == Watch::no) return Exit::ok;
    const InterruptGuard guard;
    auto end = Exit::ok;
    for (const auto& job : jobs) {
        try {
            end = worse(end, watch_one(job, watch, levels, session));
        } catch (const Interrupted&) {
            session.terminal.err << "patchbay: job " << job << " goes on; see it with: patchbay logs " << job
                                 << " -f, stop it with: patchbay cancel " << job << std::endl;
            return Exit::interrupted;
        }
    }
    return end;
}

Exit finish_report(const Report& report, Session& session) {
    auto& terminal = session.terminal;
    if (session.json())
        session.print(report_json(report));
    else
        terminal.out << "\n" << show_report(report, {}, terminal.width, terminal.paint);
    terminal.out.flush();
    return verdict(report);
}

}  // namespace patchbay::cli
