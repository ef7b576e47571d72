// SPDX-License-Identifier: Apache-2.0
// Menus as a firmware might print them. What is selected stood in brackets before its label.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "jobs/bootloader/menu.hpp"
#include "tests/fuzz/fuzzed_board.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    MenuPlan plan;
    plan.prompt = "Start:";
    plan.steps.resize(3);
    plan.steps[0].items = {"Boot Manager"};
    plan.steps[0].fallback = "Shell";
    plan.steps[0].wait = "Choice:";
    plan.steps[1].enter = "Image";
    plan.steps[2].items = {"Shell"};
    plan.boot_message = "Loaded";
    MenuDialogue dialogue{plan};
    testing::FuzzedBoard board;
    board.talk(dialogue, input, [&](const DialogueStep& step) {
        for (const auto& typing : step.typing) {
            if (typing.kind != Typing::Kind::line) continue;
            if (typing.text.empty() || typing.text.find_first_not_of("0123456789") != std::string::npos) std::abort();
        }
        if (step.next == DialogueStep::Next::finished && board.heard.find("Loaded") == std::string::npos) std::abort();
    });
    return 0;
}
