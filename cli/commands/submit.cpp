// SPDX-License-Identifier: Apache-2.0
// patchbay submit, resubmit: new jobs.
#include "cli/commands/commands.hpp"
#include "cli/commands/watch.hpp"
#include "cli/files.hpp"
#include "cli/json.hpp"

namespace patchbay::cli {
namespace {

Watch watch_of(bool follow, bool wait) { return follow ? Watch::follow : wait ? Watch::wait : Watch::no; }

void say_rejected(const std::string& what, const std::string& text, Session& session) {
    if (session.json()) {
        config::Map line;
        put(line, "rejected", what);
        put(line, "error", text);
        session.print(config::Value{std::move(line)});
    }
    session.terminal.err << session.terminal.err_paint(Colour::red, what + ": rejected:") << " " << text << "\n";
}

void say_portable(const Lab::Submitted& submitted, Session& session) {
    const auto& number = submitted.portable_job;
    if (number.empty()) return;
    session.terminal.err << "portable job " << number
                         << "; its results side by side: patchbay compare portable:" << number << "\n";
}

}  // namespace

Exit submit(const SubmitOptions& options, Session& session) {
    parse_levels(options.levels);  // a mistake there is known before a job runs
    std::vector<std::string> definitions;
    for (const auto& file : options.files) definitions.push_back(read_text(file));

    std::vector<std::string> jobs;
    auto end = Exit::ok;
    Progress progress{session.terminal};
    for (std::size_t i = 0; i < definitions.size(); ++i) {
        progress.show("submitting " + options.files[i] + "…");
        try {
            auto submitted = session.lab().submit(definitions[i]);
            for (auto& id : submitted.jobs) jobs.push_back(std::move(id));
            if (submitted.portable_job.empty()) continue;
            progress.clear();
            say_portable(submitted, session);
        } catch (const Rejected& rejected) {
            progress.clear();
            say_rejected(options.files[i], rejected.what(), session);
            end = Exit::rejected;
        } catch (...) {
            // Those before it were taken and run: without their ids nobody finds them.
            progress.clear();
            announce_and_watch(jobs, Watch::no, options.levels, session);
            throw;
        }
    }
    progress.clear();
    return worse(end, announce_and_watch(jobs, watch_of(options.follow, options.wait), options.levels, session));
}

Exit resubmit(const ResubmitOptions& options, Session& session) {
    check_job_id(options.job);
    parse_levels(options.levels);
    std::vector<std::string> jobs;
    try {
        auto submitted = session.lab().resubmit(options.job);
        say_portable(submitted, session);
        jobs = std::move(submitted.jobs);
    } catch (const Rejected& rejected) {
        say_rejected("job " + options.job, rejected.what(), session);
        return Exit::rejected;
    }
    return announce_and_watch(jobs, watch_of(options.follow, options.wait), options.levels, session);
}

}  // namespace patchbay::cli
