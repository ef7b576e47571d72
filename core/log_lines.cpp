// SPDX-License-Identifier: Apache-2.0
#include "core/log_lines.hpp"

#include <spdlog/pattern_formatter.h>

namespace patchbay {
namespace {

void escape(unsigned char c, std::string& out) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (c == '\n') {
        out += "\\n";
    } else if (c == '\r') {
        out += "\\r";
    } else if (c == '\t') {
        out += "\\t";
    } else {
        out += "\\x";
        out += digits[c >> 4];
        out += digits[c & 15];
    }
}

class Message final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const auto text = one_line({message.payload.data(), message.payload.size()});
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Message>(); }
};

}  // namespace

std::string one_line(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
        if (c < 0x20 || c == 0x7f) {
            escape(c, out);
        } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F
            escape(next, out);
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::unique_ptr<spdlog::formatter> log_line_formatter() {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<Message>('*').set_pattern("[%Y-%m-%d %H:%M:%S.%e] [%^%l%$] %*");
    return formatter;
}

}  // namespace patchbay
