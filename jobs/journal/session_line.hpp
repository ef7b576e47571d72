// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the daemon and the runner of a person's lease say to each other over the control socket (docs/lease-folder.md).
// Each is one line of JSON; what is lost with a connection is said again by whoever still means it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace patchbay {

/// daemon -> runner: {"ends": 1764118800000000, "why": "released by alice"}; microseconds since 1970, UTC.
struct SessionEnd {
    WallTime ends{};
    std::string why;  ///< empty: its time is over then
    bool operator==(const SessionEnd&) const = default;
};
std::string encode(const SessionEnd& end);

/// daemon -> runner: {"do": 3, "what": "line", "name": "reset", "value": "press", "user": "alice"}
struct BoardCommand {
    std::int64_t number = 0;  ///< the answer has it; never the same twice in a lease
    std::string what;         ///< "power", "reset", "line", "break", "speed", "dtr", "rts", "storage", "write"
    std::string name;         ///< of the line or the medium; empty: the only one
    std::string value;        ///< "on", "press", "115200", a file in the lease's folder
    std::string user;         ///< whose wish it is, for the log
    bool operator==(const BoardCommand&) const = default;
};
std::string encode(const BoardCommand& command);

/// runner -> daemon: {"done": 3, "text": "power is on, and reads back on", "state": "on", "verified": true} or
/// {"done": 3, "error": "..."}
struct BoardAnswer {
    std::int64_t number = 0;
    std::string text;              ///< a sentence
    std::string state;             ///< "on", "off", "unknown"; empty where there is none
    std::optional<bool> verified;  ///< was it read back? nullopt: nothing was switched
    std::string error;             ///< empty: it was done
    bool operator==(const BoardAnswer&) const = default;
};
std::string encode(const BoardAnswer& answer);

/// daemon -> runner: {"keys": "<base64>"}
struct ConsoleKeys {
    std::string bytes;
    bool operator==(const ConsoleKeys&) const = default;
};
std::string encode(const ConsoleKeys& keys);

/// runner -> daemon: {"console": "<base64>", "at": 4711}; the first byte is number `at` of all that came.
struct ConsolePiece {
    std::int64_t at = 0;
    std::string bytes;
    bool operator==(const ConsolePiece&) const = default;
};
std::string encode(const ConsolePiece& piece);

/// runner -> daemon: {"notice": "the lease ends in 5 minutes"}; for whoever looks at the console.
struct SessionNotice {
    std::string text;
    bool operator==(const SessionNotice&) const = default;
};
std::string encode(const SessionNotice& notice);

/// runner -> daemon: {"ending": "its time is over"}; it makes the device safe now.
struct SessionEnding {
    std::string why;
    bool operator==(const SessionEnding&) const = default;
};
std::string encode(const SessionEnding& ending);

/// At most one of them; none: the line means something else.
struct SessionLine {
    std::optional<SessionEnd> end;
    std::optional<BoardCommand> command;
    std::optional<BoardAnswer> answer;
    std::optional<ConsoleKeys> keys;
    std::optional<ConsolePiece> piece;
    std::optional<SessionNotice> notice;
    std::optional<SessionEnding> ending;
};
SessionLine read_session_line(std::string_view json);

}  // namespace patchbay
