// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job's log, live, until the job is finished: no line lost, none twice, whatever the connection does.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/http/lab.hpp"
#include "cli/log/record.hpp"

namespace patchbay::cli {

/// Who listens.
class LogListener {
public:
    virtual ~LogListener() = default;
    /// Numbers count from 0 and never skip or repeat.
    virtual void line(std::int64_t number, const LogRecord& record) = 0;
    /// The job's state changed; LAVA's display names.
    virtual void state(const std::string& state, const std::string& health) = 0;
    /// Something to tell a person: "connection lost, ...".
    virtual void note(const std::string& text) = 0;
    /// Nothing more came for now.
    virtual void flush() = 0;
};

/// Waits between attempts, doubled each time; when to stop trying.
struct Patience {
    std::chrono::milliseconds first_retry{250};
    std::chrono::milliseconds longest_retry{5000};
    std::chrono::milliseconds give_up{std::chrono::minutes{10}};  ///< without any contact
    std::chrono::milliseconds poll{2000};                         ///< of servers that have no event stream
};

/// Listens to jobs/<id>/events/ (server-sent events: `log` with the line number as id, `state`), from line `start`.
/// A lost connection is made anew from the next line. Servers without that (LAVA) are asked for new lines again and
/// again. Returns the number after the last line, when the job is Finished and all its lines were handed over.
/// Throws: UserError (no such job; no contact for too long; a damaged log), Interrupted.
std::int64_t follow(Lab& lab, const std::string& job, std::int64_t start, LogListener& listener,
                    Patience patience = {});

}  // namespace patchbay::cli
