// SPDX-License-Identifier: Apache-2.0
#include "cli/log/follow.hpp"

#include <algorithm>

#include "cli/http/sse.hpp"
#include "cli/interrupt.hpp"
#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "core/text.hpp"

namespace patchbay::cli {
namespace {

using Moment = std::chrono::steady_clock::time_point;

class Follower {
public:
    Follower(Lab& lab, const std::string& job, std::int64_t start, LogListener& listener, Patience patience)
        : lab_{lab}, job_{job}, next_{start}, listener_{listener}, patience_{patience} {}

    std::int64_t run() {
        while (!finished_) {
            const auto end = listen_once();
            if (finished_) break;
            if (end.status == 404 && lines_from_events_ == 0) break;  // an unknown job is found out by poll()
            if (end.status >= 400 && end.status < 500) {
                const auto said = end.body;
                expect_success({end.status, said}, "job " + job_, lab_.http().server());
            }
            if (end.status == 200) last_contact_ = std::chrono::steady_clock::now();
            if (end.silent) continue;
            if (gap_) check_gap();
            wait_before_next(end);
        }
        poll();
        return next_;
    }

private:
    StreamEnd listen_once() {
        EventParser parser;
        gap_ = false;
        std::vector<std::string> headers{"Accept: text/event-stream"};
        if (next_ > 0) headers.push_back("Last-Event-ID: " + std::to_string(next_ - 1));
        const auto path = job_path(job_, "events") + "?start=" + std::to_string(next_);
        return lab_.http().stream(path, headers, [&](std::string_view bytes) {
            contact();
            for (const auto& event : parser.feed(bytes)) take(event);
            listener_.flush();
            return finished_ || gap_ ? More::stop : More::yes;
        });
    }

    void take(const ServerEvent& event) {
        if (gap_) return;
        if (event.name == "state") {
            const auto value = parse_answer(event.data, "events of job " + job_);
            set_state(text_at(value, "state"), text_at(value, "health"));
        } else if (event.name == "log") {
            const auto number = whole_number(event.id);
            if (!number) throw UserError{"events of job " + job_ + ": a log event has no line number"};
            ++lines_from_events_;
            if (*number > next_) gap_ = true;  // the connection is dropped, and asked for what is missing
            if (*number == next_) hand_over(event.data);
        }
    }

    void hand_over(std::string_view text) {
        const auto record = parse_record(text);
        // A damaged line keeps its number: hiding it would make all later numbers wrong.
        retry_ = patience_.first_retry;
        listener_.line(next_,
                       record ? *record : LogRecord{"", "warning", config::Value{std::string{text}}, "", "null"});
        ++next_;
    }

    void set_state(const std::string& state, const std::string& health) {
        listener_.state(state, health);
        finished_ = state == "Finished";
    }

    void check_gap() {
        if (gap_at_ != next_) gaps_ = 0;
        gap_at_ = next_;
        if (++gaps_ < 3) return;
        throw UserError{"log of job " + job_ + ": line " + std::to_string(next_) + " is missing at " +
                        lab_.http().server() + "; the later ones: patchbay logs " + job_ + " -f --start " +
                        std::to_string(next_ + 1)};
    }

    // Finished is published after the last line, so whatever the stream had not brought yet is in the stored log.
    void fetch_rest() {
        const auto text = lab_.log(job_, next_);
        std::string_view rest{text};
        while (!rest.empty()) {
            const auto end = rest.find('\n');
            if (end == std::string_view::npos) break;
            hand_over(rest.substr(0, end));
            rest.remove_prefix(end + 1);
        }
        listener_.flush();
    }

    // Also the end of listening: the last look at the stored log, with the same patience.
    void poll() {
        for (;;) {
            try {
                const auto object = lab_.job(job_);
                contact();
                set_state(text_at(object, "state"), text_at(object, "health"));
                fetch_rest();
                if (finished_) return;
            } catch (const ConnectionError& error) {
                wait_before_next({0, "", error.what()});
                continue;
            }
            pause_for(patience_.poll);
        }
    }

    void contact() {
        if (lost_) listener_.note("connected again");
        lost_ = false;
        last_contact_ = std::chrono::steady_clock::now();
    }

    void wait_before_next(const StreamEnd& end) {
        const auto failure =
            end.failure.empty() && end.status != 200 ? "HTTP status " + std::to_string(end.status) : end.failure;
        if (!lab_.http().reached())
            throw ConnectionError{failure.empty() ? "no answer from " + lab_.http().server() : failure};
        if (std::chrono::steady_clock::now() - last_contact_ > patience_.give_up)
            throw ConnectionError{failure + "; gave up, go on later with: patchbay logs " + job_ + " -f --start " +
                                  std::to_string(next_)};
        if (!lost_ && !gap_)
            listener_.note("connection lost at line " + std::to_string(next_) +
                           (failure.empty() ? " (the server closed it)" : " (" + failure + ")") + ", trying again…");
        lost_ = !gap_;
        listener_.flush();
        pause_for(retry_);
        retry_ = std::min(retry_ * 2, patience_.longest_retry);
    }

    Lab& lab_;
    const std::string& job_;
    std::int64_t next_;
    LogListener& listener_;
    Patience patience_;
    bool finished_ = false;
    bool gap_ = false;
    bool lost_ = false;
    std::int64_t lines_from_events_ = 0;
    std::int64_t gap_at_ = -1;
    int gaps_ = 0;
    Moment last_contact_ = std::chrono::steady_clock::now();
    std::chrono::milliseconds retry_ = patience_.first_retry;
};

}  // namespace

std::int64_t follow(Lab& lab, const std::string& job, std::int64_t start, LogListener& listener, Patience patience) {
    return Follower{lab, job, start, listener, patience}.run();
}

}  // namespace patchbay::cli
