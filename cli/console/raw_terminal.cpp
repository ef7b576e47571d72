// SPDX-License-Identifier: Apache-2.0
#include "cli/console/raw_terminal.hpp"

#include <unistd.h>

namespace patchbay::cli {

RawTerminal::RawTerminal() {
    termios settings{};
    if (!::isatty(STDIN_FILENO) || ::tcgetattr(STDIN_FILENO, &settings) != 0) return;
    before_ = settings;
    ::cfmakeraw(&settings);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
}

RawTerminal::~RawTerminal() {
    if (before_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*before_);
}

}  // namespace patchbay::cli
