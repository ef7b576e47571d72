// SPDX-License-Identifier: Apache-2.0
#include "cli/console/raw_terminal.hpp"

#include <unistd.h>

#include <csignal>

namespace patchbay::cli {
namespace {

termios settings_before;

/// Everything in here may be called in a handler (signal-safety(7)).
void restore_and_end(int signal) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &settings_before);
    ::raise(signal);  // SA_RESETHAND: now it ends us as it would have
}

}  // namespace

RawTerminal::RawTerminal() {
    termios settings{};
    if (!::isatty(STDIN_FILENO) || ::tcgetattr(STDIN_FILENO, &settings) != 0) return;
    before_ = settings_before = settings;
    for (std::size_t i = 0; i < ending.size(); ++i) {
        struct sigaction action {};
        action.sa_handler = restore_and_end;
        action.sa_flags = static_cast<int>(SA_RESETHAND);
        ::sigaction(ending[i], nullptr, &handlers_before_[i]);
        // nohup: what is ignored stays so.
        if (handlers_before_[i].sa_handler != SIG_IGN) ::sigaction(ending[i], &action, nullptr);
    }
    ::cfmakeraw(&settings);
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &settings);
}

RawTerminal::~RawTerminal() {
    if (!before_) return;
    ::tcsetattr(STDIN_FILENO, TCSADRAIN, &*before_);
    for (std::size_t i = 0; i < ending.size(); ++i) ::sigaction(ending[i], &handlers_before_[i], nullptr);
}

}  // namespace patchbay::cli
