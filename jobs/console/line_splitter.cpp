// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/line_splitter.hpp"

namespace patchbay {

void LineSplitter::take(std::string_view text) {
    while (!text.empty()) {
        const auto plain = std::min(text.find_first_of("\r\x1b"), text.size());
        if (line_.size() < max_line) {
            auto room = std::min(plain, max_line - line_.size());
            // Never half a character: the bytes are valid UTF-8 and stay so.
            while (room < plain && room > 0 && (static_cast<unsigned char>(text[room]) & 0xC0) == 0x80) --room;
            line_.append(text.substr(0, room));
        }
        text.remove_prefix(std::min(plain + 1, text.size()));
    }
}

void LineSplitter::feed(std::string_view bytes, std::vector<std::string>& lines) {
    text_.clear();
    repair_.feed(bytes, text_);
    std::string_view rest = text_;
    for (;;) {
        const auto end = rest.find('\n');
        take(rest.substr(0, end));
        if (end == std::string_view::npos) return;
        lines.push_back(std::move(line_));
        line_.clear();
        rest.remove_prefix(end + 1);
    }
}

void LineSplitter::flush(std::vector<std::string>& lines) {
    repair_.finish(line_);
    if (line_.empty()) return;
    lines.push_back(std::move(line_));
    line_.clear();
}

}  // namespace patchbay
