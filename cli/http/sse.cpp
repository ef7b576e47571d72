// SPDX-License-Identifier: Apache-2.0
#include "cli/http/sse.hpp"

#include <utility>

#include "cli/exit.hpp"

namespace patchbay::cli {
namespace {

constexpr std::size_t limit = 16 * 1024 * 1024;

}  // namespace

std::vector<ServerEvent> EventParser::feed(std::string_view bytes) {
    std::vector<ServerEvent> out;
    for (const char byte : bytes) {
        if (byte == '\n' && std::exchange(after_cr_, false)) continue;  // the second half of a CRLF
        after_cr_ = byte == '\r';
        if (byte == '\n' || byte == '\r') {
            end_line(out);
            continue;
        }
        line_ += byte;
        if (line_.size() + data_.size() > limit) throw UserError{"event stream: one event is larger than 16 MiB"};
    }
    return out;
}

void EventParser::end_line(std::vector<ServerEvent>& out) {
    auto line = std::exchange(line_, {});
    if (std::exchange(first_line_, false) && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    if (line.empty()) {
        if (has_data_) out.push_back({name_.empty() ? "message" : name_, id_, std::exchange(data_, {})});
        has_data_ = false;
        name_.clear();
        data_.clear();
        return;
    }
    const std::string_view text{line};
    const auto colon = text.find(':');
    if (colon == 0) return;  // a comment: the server's sign of life
    auto value = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    field(text.substr(0, colon), value);
}

void EventParser::field(std::string_view name, std::string_view value) {
    if (name == "event") {
        name_ = value;
    } else if (name == "data") {
        if (has_data_) data_ += '\n';
        data_ += value;
        has_data_ = true;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
        id_ = value;
    }
}

}  // namespace patchbay::cli
