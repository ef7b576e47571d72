// SPDX-License-Identifier: Apache-2.0
// What a board says to a name, a password and a login command. Whatever it says: the command is typed once, nobody is
// logged in without a prompt of the shell, and no name is sent for ever.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jobs/bootloader/login_dialogue.hpp"
#include "tests/fuzz/fuzzed_board.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    LoginDialogue dialogue{{"login:", "root", "Password:", "toor", {"# "}, {"PS1='# '"}, false}};
    testing::FuzzedBoard board;
    int names = 0, commands = 0;
    board.talk(dialogue, input, [&](const DialogueStep& step) {
        for (const auto& typing : step.typing) {
            names += typing.text == "root";
            commands += typing.text == "PS1='# '";
        }
        if (names > 3 || commands > 1) std::abort();
        if (step.next == DialogueStep::Next::failed && step.error.empty()) std::abort();
        if (step.next != DialogueStep::Next::finished) return;
        if (commands != 1 || board.heard.find('#') == std::string::npos) std::abort();
    });
    return 0;
}
