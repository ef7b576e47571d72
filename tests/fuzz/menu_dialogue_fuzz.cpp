// SPDX-License-Identifier: Apache-2.0
// Menus as a firmware might print them; each byte 0xFE cuts a read. What is selected stood in brackets before its
// label.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "jobs/bootloader/menu.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input{reinterpret_cast<const char*>(data), size};
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
    Matcher matcher;
    std::string heard;
    auto step = dialogue.start();
    while (!input.empty() && step.next == DialogueStep::Next::wait) {
        const auto end = std::min(input.find('\xFE'), input.size());
        heard += input.substr(0, end);
        matcher.feed(input.substr(0, end));
        input.remove_prefix(std::min(end + 1, input.size()));
        while (step.next == DialogueStep::Next::wait) {
            const auto match = matcher.search(dialogue.patterns());
            if (!match) break;
            step = dialogue.feed(*match);
            for (const auto& typing : step.typing) {
                if (typing.kind != Typing::Kind::line) continue;
                if (typing.text.empty() || typing.text.find_first_not_of("0123456789") != std::string::npos)
                    std::abort();
            }
        }
    }
    if (step.next == DialogueStep::Next::finished && heard.find("Loaded") == std::string::npos) std::abort();
    return 0;
}
