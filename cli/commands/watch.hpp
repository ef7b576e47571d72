// SPDX-License-Identifier: Apache-2.0
#pragma once
// What submit, resubmit, logs and run share: a live log, and what a job ended with.

#include <string>
#include <vector>

#include "cli/exit.hpp"
#include "cli/log/follow.hpp"
#include "cli/log/render.hpp"
#include "cli/session.hpp"

namespace patchbay::cli {

enum class LogForm { rendered, raw, json, silent };

/// Shows lines as they come, and on stderr what the job waits for.
class LogScreen : public LogListener {
public:
    LogScreen(Session& session, std::string job, LogForm form, Levels levels);

    void line(std::int64_t number, const LogRecord& record) override;
    void state(const std::string& state, const std::string& health) override;
    void note(const std::string& text) override;
    void flush() override;

private:
    Session& session_;
    std::string job_;
    LogForm form_;
    Levels levels_;
    Progress progress_;
    std::string state_;
    bool dirty_ = false;
};

enum class Watch { no, wait, follow };

/// "42 http://…/scheduler/job/42" for each; then, as asked, the log of one job after the other, and its results.
Exit announce_and_watch(const std::vector<std::string>& jobs, Watch watch, const std::string& levels, Session& session);

/// Prints the table, or the JSON document; returns the verdict.
Exit finish_report(const Report& report, Session& session);

/// The name of the step that a "start: 2.1 boot-qemu-image (timeout …)" record begins; "" for other records.
std::string step_of(const LogRecord& record);

}  // namespace patchbay::cli
