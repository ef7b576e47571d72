// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/pdu_text.hpp"

#include <optional>

#include "core/errors.hpp"
#include "core/text.hpp"

namespace patchbay {
namespace {

/// "outlet", "outlet-1", "outlet+9"
std::optional<std::string> outlet_text(std::string_view name, int outlet) {
    if (!name.starts_with("outlet")) return std::nullopt;
    name.remove_prefix(6);
    if (name.empty()) return std::to_string(outlet);
    const bool plus = name[0] == '+';
    const auto number = plus || name[0] == '-' ? whole_number(name.substr(1)) : std::nullopt;
    if (!number || *number < 0 || *number > 1000) return std::nullopt;
    return std::to_string(plus ? outlet + *number : outlet - *number);
}

/// "mark uuuu", "mark 00000000 1"
std::optional<std::string> marked_text(std::string_view name, const PduVariables& variables) {
    if (!name.starts_with("mark ")) return std::nullopt;
    name.remove_prefix(5);
    const auto blank = name.find(' ');
    std::string text{name.substr(0, blank)};
    const auto mark = blank == std::string_view::npos ? variables.value : std::string{name.substr(blank + 1)};
    const auto at = static_cast<std::size_t>(variables.outlet) - 1;
    if (at < text.size()) text.replace(at, 1, mark);
    return text;
}

std::string value_of(std::string_view name, const PduVariables& variables, PduSecrets secrets) {
    const auto secret = [&](const std::string& text) {
        return secrets == PduSecrets::plain ? text : percent_encode(text);
    };
    if (name == "value") return variables.value;
    if (name == "user") return secret(variables.user);
    if (name == "password") return secret(variables.password);
    const int size = variables.bank_size;
    if (name == "bank") return std::to_string(size > 0 ? (variables.outlet - 1) / size + 1 : 1);
    if (name == "place") return std::to_string(size > 0 ? (variables.outlet - 1) % size + 1 : variables.outlet);
    if (const auto text = outlet_text(name, variables.outlet)) return *text;
    if (const auto text = marked_text(name, variables)) return *text;
    throw ConfigurationError{"there is no ${" + std::string{name} +
                             "}; there are outlet, outlet-N, outlet+N, bank, place, value, user, password and mark"};
}

}  // namespace

std::string expand(std::string_view text, const PduVariables& variables, PduSecrets secrets) {
    std::string out;
    for (;;) {
        const auto begin = text.find("${");
        const auto end = begin == std::string_view::npos ? begin : text.find('}', begin);
        if (end == std::string_view::npos) return out.append(text);
        out.append(text.substr(0, begin));
        out += value_of(text.substr(begin + 2, end - begin - 2), variables, secrets);
        text.remove_prefix(end + 1);
    }
}

std::string for_message(std::string answer, const std::vector<std::string>& secrets) {
    constexpr std::size_t most = 200;
    constexpr std::string_view mask = "***";
    for (const auto& secret : secrets) {
        for (const auto& written : {percent_encode(secret), secret}) {
            if (written.empty()) continue;
            for (auto at = answer.find(written); at != std::string::npos; at = answer.find(written, at + mask.size()))
                answer.replace(at, written.size(), mask);
        }
    }
    return answer.size() > most ? answer.substr(0, most) + "…" : answer;
}

}  // namespace patchbay
