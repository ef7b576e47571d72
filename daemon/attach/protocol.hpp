// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a LAVA server answers to its workers (lava_scheduler_app/views.py, internal_v1_*). Pure: text in, values out.
// All of it is another machine's word; what cannot be right is refused as a whole.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/errors.hpp"

namespace patchbay {

/// The server's answer is not what the protocol says; the text names what was asked and what is wrong.
struct BadAnswer : InfrastructureError {
    using InfrastructureError::InfrastructureError;
};

/// A job by its number and its token at the server.
struct RemoteJob {
    std::int64_t id = 0;
    std::string token;
    bool operator==(const RemoteJob&) const = default;
};

struct PingAnswer {
    std::vector<RemoteJob> cancel, running, start;
};

/// Units: bytes.
inline constexpr std::size_t longest_ping = 1024 * 1024;
inline constexpr std::size_t longest_job = 16 * 1024 * 1024;
inline constexpr std::size_t longest_word = 64 * 1024;  ///< any other answer

/// Throws: BadAnswer. A list that is missing counts: nobody may take an empty answer for "all jobs are gone".
PingAnswer read_ping(std::string_view body);

/// What is read of the five texts that a job consists of.
struct RemoteJobFiles {
    std::string definition;
    std::string device;  ///< the server's description of the device
    /// Where that does not say the device's name (LAVA 2023.01): what the server said elsewhere. "" when it did not.
    std::string told_device = {};
};
/// Throws: BadAnswer.
RemoteJobFiles read_job_files(std::string_view body);

/// Lines of a log that the server took, from 0 to `sent`. Throws: BadAnswer.
std::int64_t read_line_count(std::string_view body, std::int64_t sent);

/// The text of `error`, cut to what a line of our log can bear; "" when there is none.
std::string read_error(std::string_view body);
/// Does it say that there is no such job? Nothing else means that: a proxy answers 404, too.
bool is_unknown_job(long status, std::string_view body, std::int64_t job);
/// The version that a server which refuses ours has; "" when the text is no such refusal.
std::string wanted_version(std::string_view error);

/// The token that a new worker was given. Throws: BadAnswer.
std::string read_registration(std::string_view body);

/// The device of a job as everybody is shown it; "" when that does not say. Throws: BadAnswer.
std::string read_shown_device(std::string_view body);

/// A message of the server's WebSocket (lava_server/management/commands/lava-publisher.py).
struct ServerEvent {
    std::int64_t job = 0;  ///< 0: it is not about a job of `worker`
    std::string device;    ///< of that job; "" when it does not say
    bool calls = false;    ///< that job is to begin or to be cancelled: time to ask
    std::string refusal;   ///< the server does not let us listen; "" else
};
/// What it does not understand is about nothing.
ServerEvent read_event(std::string_view text, std::string_view worker);

/// `hostname` of a device's description; older servers (2023.01) do not say it. "" when there is none.
std::string device_hostname(std::string_view description);

/// A value of a form (application/x-www-form-urlencoded).
std::string form_encoded(std::string_view text);

}  // namespace patchbay
