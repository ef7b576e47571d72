// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is typed at a console: keys for the board, or, behind Ctrl-], a wish. Pure.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::cli {

/// For the board.
struct Keys {
    std::string bytes;
    bool operator==(const Keys&) const = default;
};
/// For the daemon: "do" with a value, or "ask", "take", "give", "who".
struct Wish {
    std::string what;
    std::string value;
    bool operator==(const Wish&) const = default;
};
struct ShowHelp {
    bool operator==(const ShowHelp&) const = default;
};
struct Quit {
    bool operator==(const Quit&) const = default;
};
/// For the screen: what somebody types into a question of the menu.
struct Echo {
    std::string text;
    bool operator==(const Echo&) const = default;
};
using Typed = std::variant<Keys, Wish, ShowHelp, Quit, Echo>;

class EscapeMenu {
public:
    static constexpr char escape = 0x1D;  // Ctrl-], as telnet has it

    std::vector<Typed> feed(std::string_view bytes);

private:
    void choose(char key, std::vector<Typed>& out);
    void answer(char key, std::vector<Typed>& out);

    enum class State { typing, choosing, naming } state_ = State::typing;
    std::string name_;
};

/// The keys of the menu, a line each.
std::string_view escape_help();

}  // namespace patchbay::cli
