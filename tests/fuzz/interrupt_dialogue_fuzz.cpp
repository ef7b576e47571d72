// SPDX-License-Identifier: Apache-2.0
// What a boot loader says on the way to its question; each byte 0xFE is a silence. A key is sent once, and only when
// the question was heard.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "jobs/bootloader/interrupt.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input{reinterpret_cast<const char*>(data), size};
    InterruptDialogue dialogue{{"stop autoboot", {{Typing::Kind::line, ""}}, "=>", true}};
    Matcher matcher;
    std::string heard;
    auto step = dialogue.start();
    while (!input.empty() && step.next == DialogueStep::Next::wait) {
        const auto end = std::min(input.find('\xFE'), input.size());
        heard += input.substr(0, end);
        matcher.feed(input.substr(0, end));
        input.remove_prefix(std::min(end + 1, input.size()));
        if (const auto match = matcher.search(dialogue.patterns())) {
            step = dialogue.feed(*match);
        } else if (auto other = dialogue.silence(matcher.unconsumed())) {
            step = std::move(*other);
            if (!step.typing.empty() || heard.find("=>") == std::string::npos) std::abort();
        }
    }
    if (!step.typing.empty() && heard.find("stop autoboot") == std::string::npos) std::abort();
    return 0;
}
