// SPDX-License-Identifier: Apache-2.0
// The first line is an expression, the rest console output; each byte 0xFE cuts a read. Whatever the cuts, what is
// consumed and what remains is the repaired output, and a match is where it says it is.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/errors.hpp"
#include "jobs/console/line_splitter.hpp"
#include "jobs/console/matcher.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    const auto line = std::min(input.find('\n'), input.size());
    auto rest = input.substr(std::min(line + 1, input.size()));
    std::string all;
    try {
        const PatternSet set{{Pattern{std::string{input.substr(0, line)}}, Pattern{"login: "}, Pattern{"\\bpanic$"}}};
        Matcher matcher{16};
        LineSplitter splitter;
        Utf8Repair repair;
        std::vector<std::string> lines;
        std::string consumed;
        while (!rest.empty()) {
            const auto cut = std::min(rest.find('\xFE'), rest.size());
            const auto read = rest.substr(0, cut);
            rest.remove_prefix(std::min(cut + 1, rest.size()));
            repair.feed(read, all);
            matcher.feed(read);
            splitter.feed(read, lines);
            for (int i = 0; i < 100; ++i) {
                const auto match = matcher.search(set);
                if (!match) break;
                if (match->index > 2) std::abort();
                consumed += match->before + match->text;
                if (match->text.empty()) break;  // an empty match would come again for ever
            }
            if (all.size() < Matcher::max_before && consumed + std::string{matcher.unconsumed()} != all) std::abort();
        }
        splitter.flush(lines);
        for (const auto& text : lines) {
            if (text.find_first_of("\r\n\x1b") != std::string::npos) std::abort();
        }
    } catch (const TestError&) {
        // An invalid or an expensive expression.
    }
    return 0;
}
