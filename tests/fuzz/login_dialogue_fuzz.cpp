// SPDX-License-Identifier: Apache-2.0
// What a board says to a name, a password and a login command; a byte 0xFE cuts a read, 0xFD is a silence. Whatever it
// says: the command is typed once, nobody is logged in without a prompt of the shell, and no name is sent for ever.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "jobs/bootloader/login_dialogue.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input{reinterpret_cast<const char*>(data), size};
    LoginDialogue dialogue{{"login:", "root", "Password:", "toor", {"# "}, {"PS1='# '"}, false}};
    Matcher matcher;
    std::string heard;
    int names = 0, commands = 0;
    bool over = false;
    const auto take = [&](const DialogueStep& step) {
        for (const auto& typing : step.typing) {
            names += typing.text == "root";
            commands += typing.text == "PS1='# '";
        }
        if (names > 3 || commands > 1) std::abort();
        if (step.next == DialogueStep::Next::wait) return;
        over = true;
        if (step.next == DialogueStep::Next::failed && step.error.empty()) std::abort();
        if (step.next == DialogueStep::Next::failed) return;
        if (commands != 1 || heard.find('#') == std::string::npos) std::abort();
    };
    take(dialogue.start());
    while (!input.empty() && !over) {
        const auto end = std::min(input.find_first_of("\xFE\xFD"), input.size());
        const auto piece = input.substr(0, end);
        const bool silent = end < input.size() && input[end] == '\xFD';
        input.remove_prefix(std::min(end + 1, input.size()));
        matcher.feed(piece);
        heard += piece;
        while (!over) {
            const auto match = matcher.search(dialogue.patterns());
            if (!match) break;
            take(dialogue.feed(*match));
        }
        if (over || !silent) continue;
        if (const auto step = dialogue.silence(matcher.unconsumed())) take(*step);
    }
    return 0;
}
