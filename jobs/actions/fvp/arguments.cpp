// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/fvp/arguments.hpp"

#include "core/errors.hpp"

namespace patchbay {

std::string format_argument(std::string_view text, const std::map<std::string, std::string>& values) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c != '{' && c != '}') {
            result += c;
        } else if (i + 1 < text.size() && text[i + 1] == c) {
            result += c;
            ++i;
        } else {
            const auto end = c == '{' ? text.find('}', i) : std::string_view::npos;
            if (end == std::string_view::npos) {
                throw JobError{"argument '" + std::string{text} + "' has a brace alone; write '{{' or '}}' for one"};
            }
            const std::string key{text.substr(i + 1, end - i - 1)};
            const auto value = values.find(key);
            if (value == values.end()) {
                throw JobError{"argument '" + std::string{text} + "' asks for '{" + key +
                               "}', but the deploy has no such image"};
            }
            result += value->second;
            i = end;
        }
    }
    return result;
}

}  // namespace patchbay
