// SPDX-License-Identifier: Apache-2.0
// patchbay logs: the log of a job, stored or live.
#include "cli/commands/commands.hpp"
#include "cli/commands/watch.hpp"
#include "cli/interrupt.hpp"
#include "cli/json.hpp"

namespace patchbay::cli {
namespace {

void print_stored(const std::string& text, long long start, LogListener& listener) {
    std::string_view rest{text};
    for (std::int64_t number = start; !rest.empty(); ++number) {
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto line = rest.substr(0, end);
        const auto record = parse_record(line);
        listener.line(number, record ? *record : LogRecord{"", "warning", config::Value{line}, "", "null"});
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    listener.flush();
}

}  // namespace

Exit logs(const LogsOptions& options, Session& session) {
    check_job_id(options.job);
    const auto form = session.json() ? LogForm::json : options.raw ? LogForm::raw : LogForm::rendered;
    LogScreen screen{session, options.job, form, parse_levels(options.levels)};
    if (options.follow) {
        const InterruptGuard guard;
        try {
            follow(session.lab(), options.job, options.start, screen, session.patience);
        } catch (const Interrupted&) {
            return Exit::interrupted;
        }
        return Exit::ok;
    }
    const auto text = session.lab().log(options.job, options.start);
    if (text.empty()) {
        const auto job = session.lab().job(options.job);  // an unknown job is an error, an empty log is not
        const bool over = text_at(job, "state") == "Finished";
        session.terminal.err << "patchbay: job " << options.job << ": no log from line " << options.start << " on"
                             << (over ? "; the job is over\n" : " yet\n");
        return Exit::ok;
    }
    print_stored(text, options.start, screen);
    return Exit::ok;
}

}  // namespace patchbay::cli
