// SPDX-License-Identifier: Apache-2.0
// What a lease of a person has beside that of a job.
#include "daemon/store/sessions.hpp"
#include "daemon/supervise/lease_run.hpp"

namespace patchbay {

/// Who looks at the console may stay longer than we.
LeaseRun::~LeaseRun() {
    if (!session_) return;
    session_->say = [](std::string_view) { return false; };
    session_->ending = [](const std::string&) {};
    session_->over();
}

void LeaseRun::connect_session() {
    control_->heard = [session = session_](std::string_view line) { session->hear(line); };
    session_->say = [this](std::string_view line) {
        if (control_->is_full()) return false;
        control_->say(line);
        return true;
    };
    session_->ending = [this](const std::string& why) { watchers_.spawn("session's end", note_session_end(why)); };
}

void LeaseRun::session_end_changed() {
    if (!session_) return;
    session_->end_changed();
    const auto session = Sessions{store_.reader()}.find(lease_.job);
    if (session && runner_) limit_session(*session);
    has_news_ = true;
    news_.cancel();
}

void LeaseRun::limit_session(const SessionRow& session) {
    const auto left = session.ends ? *session.ends - wall_now() : WallTime::duration{session.time};
    latest_end_ = Clock::now() + left + power_off_time_ + times_.overtime;
}

}  // namespace patchbay
