// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <termios.h>

#include <optional>

namespace patchbay::cli {

/// While it lives the terminal on standard input hands over every key as it is typed, Ctrl-C too. Nothing when there is
/// none.
class RawTerminal {
public:
    RawTerminal();
    ~RawTerminal();
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;

    bool is_terminal() const { return before_.has_value(); }

private:
    std::optional<termios> before_;
};

}  // namespace patchbay::cli
