// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>
#include <termios.h>

#include <array>
#include <optional>

namespace patchbay::cli {

/// While it lives the terminal on standard input hands over every key as it is typed, Ctrl-C too. It is as before when
/// a signal ends the program (SIGTERM, SIGHUP). Nothing when there is none. One at a time.
class RawTerminal {
public:
    RawTerminal();
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

    bool is_terminal() const { return before_.has_value(); }

private:
    static constexpr std::array ending{SIGTERM, SIGHUP};
    std::array<struct sigaction, ending.size()> handlers_before_{};
    std::optional<termios> before_;
};

}  // namespace patchbay::cli
