// SPDX-License-Identifier: Apache-2.0
// Two lines of commands, then what the boot loader says. Whatever that is: every command is typed once, and a boot is
// one only if the final message was heard behind the last command.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "jobs/bootloader/command_dialogue.hpp"
#include "tests/fuzz/fuzzed_board.hpp"

using namespace patchbay;

namespace {

std::string take_line(std::string_view& input) {
    const auto end = std::min(input.find('\n'), input.size());
    auto line = std::string{input.substr(0, std::min<std::size_t>(end, 200))};
    input.remove_prefix(std::min(end + 1, input.size()));
    return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input{reinterpret_cast<const char*>(data), size};
    CommandPlan plan;
    plan.prompt = "=>";
    // Echoes are valid UTF-8 here; what a job types is.
    for (int i = 0; i < 2; ++i) {
        auto line = take_line(input);
        Utf8Repair repair;
        std::string command;
        repair.feed(line, command);
        plan.commands.push_back(std::move(command));
    }
    plan.errors = {"u-boot", {"TIMEOUT", "error: .*", "Error code \\d+\\r\\n"}};
    plan.final_message = "Starting kernel";

    CommandDialogue dialogue{plan};
    testing::FuzzedBoard board;
    std::size_t typed = 0;
    board.talk(dialogue, input, [&](const DialogueStep& step) {
        for (const auto& typing : step.typing) {
            if (typed == plan.commands.size() || typing.text != plan.commands[typed]) std::abort();
            ++typed;
            board.forget();
        }
        if (step.next == DialogueStep::Next::failed && step.error.empty()) std::abort();
        if (step.next != DialogueStep::Next::finished) return;
        if (typed != plan.commands.size() || board.heard.find("Starting kernel") == std::string::npos) std::abort();
    });
    return 0;
}
