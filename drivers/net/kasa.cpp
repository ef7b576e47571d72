// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/kasa.hpp"

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "drivers/net/pdu_text.hpp"

namespace patchbay::kasa {
namespace {

using config::Map;
using config::Value;

constexpr unsigned char first_key = 171;

/// The next key is the byte that was enciphered last.
enum class Way { there, back };
std::string through_cipher(std::string_view text, Way way) {
    std::string result;
    result.reserve(header_bytes + text.size());
    unsigned char key = first_key;
    for (const char c : text) {
        const auto in = static_cast<unsigned char>(c);
        const auto out = static_cast<unsigned char>(in ^ key);
        key = way == Way::there ? out : in;
        result += static_cast<char>(out);
    }
    return result;
}

const Value* member(const Value* value, std::string_view key) { return value == nullptr ? nullptr : value->find(key); }

[[noreturn]] void throw_unclear(std::string_view answer) {
    throw InfrastructureError{"it said '" + for_message(std::string{answer}, {}) + "'; is it this model?"};
}

Value parsed(std::string_view answer) {
    try {
        return config::parse_json(answer);
    } catch (const config::YamlError&) {
        throw_unclear(answer);
    }
}

}  // namespace

std::string enciphered(std::string_view text) {
    std::string message;
    for (const int shift : {24, 16, 8, 0}) message += static_cast<char>(text.size() >> shift & 0xff);
    return message + through_cipher(text, Way::there);
}

std::string deciphered(std::string_view bytes) { return through_cipher(bytes, Way::back); }

std::size_t length_in(std::string_view header) {
    std::size_t length = 0;
    for (const char c : header.substr(0, header_bytes)) length = length << 8 | static_cast<unsigned char>(c);
    return length;
}

std::string question() { return R"({"system":{"get_sysinfo":{}}})"; }

std::string order(std::string_view answer, int outlet, bool on) {
    const auto said = parsed(answer);
    const auto* about = member(said.find("system"), "get_sysinfo");
    if (about == nullptr) throw_unclear(answer);
    const auto* children = about->find("children");
    const auto* list = children == nullptr ? nullptr : children->as_list();
    const auto outlets = list == nullptr ? 1 : static_cast<int>(list->size());
    if (outlet < 1 || outlet > outlets)
        throw InfrastructureError{"it has " + std::to_string(outlets) + " outlets; correct 'outlet'"};
    Map text{{"system", Map{{"set_relay_state", Map{{"state", on ? 1 : 0}}}}}};
    if (list != nullptr) {
        const auto id = config::string_or_empty((*list)[static_cast<std::size_t>(outlet) - 1].find("id"));
        if (id.empty()) throw_unclear(answer);
        text.set("context", Map{{"child_ids", config::List{id}}});
    }
    return config::dump_json(Value{std::move(text)});
}

void check_taken(std::string_view answer) {
    const auto said = parsed(answer);
    const auto* error = member(member(said.find("system"), "set_relay_state"), "err_code");
    if (error == nullptr || *error != Value{0})
        throw InfrastructureError{"it did not take the order: '" + for_message(std::string{answer}, {}) + "'"};
}

}  // namespace patchbay::kasa
