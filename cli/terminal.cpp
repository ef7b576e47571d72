// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "cli/text/utf8.hpp"

namespace patchbay::cli {

Environment current_environment() {
    Environment out;
    for (char** entry = environ; entry && *entry; ++entry) {
        const std::string_view text{*entry};
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    return out;
}

std::string variable(const Environment& environment, std::string_view name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
}

bool wants_colour(ColourChoice choice, bool is_tty, const Environment& environment) {
    if (choice != ColourChoice::automatic) return choice == ColourChoice::always;
    return is_tty && variable(environment, "NO_COLOR").empty() && variable(environment, "TERM") != "dumb";
}

Terminal real_terminal() {
    Terminal terminal{std::cout, std::cerr};
    terminal.out_is_tty = ::isatty(STDOUT_FILENO) == 1;
    terminal.err_is_tty = ::isatty(STDERR_FILENO) == 1;
    winsize size{};
    if (terminal.out_is_tty) {
        terminal.width = 80;
        if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) terminal.width = size.ws_col;
    }
    return terminal;
}

void Progress::show(std::string_view text) {
    if (!terminal_->err_is_tty || text == shown_) return;
    const auto room = terminal_->width ? terminal_->width - 1 : 79;
    terminal_->err << "\r\x1b[K" << terminal_->err_paint(Colour::dim, shorten(one_line(text), room)) << std::flush;
    shown_ = text;
}

void Progress::clear() {
    if (shown_.empty()) return;
    terminal_->err << "\r\x1b[K" << std::flush;
    shown_.clear();
}

}  // namespace patchbay::cli
