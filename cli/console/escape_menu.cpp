// SPDX-License-Identifier: Apache-2.0
#include "cli/console/escape_menu.hpp"

#include <utility>

namespace patchbay::cli {

std::string_view escape_help() {
    return "Ctrl-] and then:\r\n"
           "  q .  leave the console; the lease goes on    ]    send Ctrl-] itself\r\n"
           "  o    power on      f  power off              c    power off and on again   s  is it on?\r\n"
           "  r    reset         b  send a break           w    who is here?\r\n"
           "  a    ask for the keyboard                    t    take it (your own lease)\r\n"
           "  g    give it to somebody                     ? h  this help\r\n";
}

void EscapeMenu::choose(char key, std::vector<Typed>& out) {
    state_ = State::typing;
    switch (key) {
        case 'q':
        case '.':
            return out.push_back(Quit{});
        case ']':
        case escape:
            return out.push_back(Keys{std::string(1, escape)});
        case 'o':
            return out.push_back(Wish{"power", "on"});
        case 'f':
            return out.push_back(Wish{"power", "off"});
        case 'c':
            return out.push_back(Wish{"power", "cycle"});
        case 's':
            return out.push_back(Wish{"power", "status"});
        case 'r':
            return out.push_back(Wish{"reset", ""});
        case 'b':
            return out.push_back(Wish{"break", ""});
        case 'w':
            return out.push_back(Wish{"who", ""});
        case 'a':
            return out.push_back(Wish{"ask", ""});
        case 't':
            return out.push_back(Wish{"take", ""});
        case 'g':
            state_ = State::naming;
            name_.clear();
            return out.push_back(Echo{"\r\ngive the keyboard to: "});
        default:
            return out.push_back(ShowHelp{});
    }
}

void EscapeMenu::answer(char key, std::vector<Typed>& out) {
    if (key == '\r' || key == '\n') {
        state_ = State::typing;
        out.push_back(Echo{"\r\n"});
        if (!name_.empty()) out.push_back(Wish{"give", std::exchange(name_, {})});
    } else if (key == 0x7F || key == '\b') {
        if (name_.empty()) return;
        name_.pop_back();
        out.push_back(Echo{"\b \b"});
    } else if (static_cast<unsigned char>(key) >= ' ') {
        name_ += key;
        out.push_back(Echo{std::string(1, key)});
    }
}

std::vector<Typed> EscapeMenu::feed(std::string_view bytes) {
    std::vector<Typed> out;
    std::string keys;
    const auto flush = [&] {
        if (!keys.empty()) out.push_back(Keys{std::exchange(keys, {})});
    };
    for (const char key : bytes) {
        if (state_ == State::typing && key != escape) {
            keys += key;
            continue;
        }
        flush();
        if (state_ == State::typing)
            state_ = State::choosing;
        else if (state_ == State::choosing)
            choose(key, out);
        else
            answer(key, out);
    }
    flush();
    return out;
}

}  // namespace patchbay::cli
