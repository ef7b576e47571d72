// SPDX-License-Identifier: Apache-2.0
// What a boot loader says on the way to its question. A key is sent once, and only when the question was heard; without
// one the loader's prompt was.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "jobs/bootloader/interrupt.hpp"
#include "tests/fuzz/fuzzed_board.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    InterruptDialogue dialogue{{"stop autoboot", {{Typing::Kind::line, ""}}, "=>", true}};
    testing::FuzzedBoard board;
    int keys = 0;
    board.talk(dialogue, input, [&](const DialogueStep& step) {
        keys += !step.typing.empty();
        const auto wanted = step.typing.empty() ? "=>" : "stop autoboot";
        if (step.next == DialogueStep::Next::finished && board.heard.find(wanted) == std::string::npos) std::abort();
    });
    if (keys > 1) std::abort();
    return 0;
}
