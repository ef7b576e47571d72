// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml_text.hpp"

#include <array>
#include <cstdio>

#include "core/config/utf8.hpp"

namespace patchbay::config {
namespace {

constexpr char32_t next_line = 0x85;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// YAML 1.1, section 5.1. The byte order mark may stand inside, as in PyYAML.
bool printable(char32_t c) {
    if (c < 0x7F) return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
    return c == next_line || (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
}

YamlError unreadable(std::string_view source, std::size_t offset, const CodePoint& point) {
    Mark mark{1, 1};
    for (const char c : source.substr(0, offset)) {
        if (c == '\n') {
            mark = {mark.line + 1, 1};
        } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
            ++mark.column;
        }
    }
    const auto code = point.valid ? point.value : static_cast<unsigned char>(source[offset]);
    std::array<char, 16> number{};
    std::snprintf(number.data(), number.size(), "#x%04x", static_cast<unsigned>(code));
    YamlError error{mark, "unacceptable character " + std::string{number.data()} + ": " +
                              (point.valid ? "control characters are not allowed" : "invalid UTF-8")};
    error.python_text = error.problem + "\n  in \"<unicode string>\", position " + std::to_string(offset);
    return error;
}

/// Directives stand before the document; comments and empty lines may be among them.
bool check_directives(std::string_view text) {
    bool found = false;
    for (int line = 1; !text.empty(); ++line) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto words = text.substr(0, end);
        if (words.starts_with('%')) {
            found = true;
            const auto name = words.substr(1, std::min(words.find_first_of(" \t"), words.size()) - 1);
            if (name != "YAML" && name != "TAG")
                throw marked_error("while scanning a directive", {line, 1}, "found unknown directive name",
                                   {line, static_cast<int>(name.size()) + 2});
        } else if (const auto first = words.find_first_not_of(" \t");
                   first != std::string_view::npos && words[first] != '#') {
            break;
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return found;
}

struct Words {
    std::string_view message;  // of yaml-cpp; what follows it (a character, a number) is not compared
    std::string_view context;
    std::string_view problem;
};

constexpr std::array table{
    Words{"illegal block entry", "", "block sequence entries are not allowed in this context"},
    Words{"illegal map key", "", "mapping keys are not allowed in this context"},
    Words{"illegal map value", "", "mapping values are not allowed in this context"},
    Words{"unknown token", "while scanning for the next token", "found character that cannot start any token"},
    Words{"the referenced anchor is not defined", "", "found undefined alias"},
    Words{"illegal flow end", "while parsing a block node", "did not find expected node content"},
    Words{"illegal EOF in scalar", "while scanning a quoted scalar", "found unexpected end of stream"},
    Words{"YAML major version too large", "", "found incompatible YAML document"},
    Words{"unknown escape character", "while parsing a quoted scalar", "found unknown escape character"},
    Words{"invalid unicode", "while parsing a quoted scalar", "found invalid Unicode character escape code"},
    Words{"cannot set zero indentation", "while scanning a block scalar", "found an indentation indicator equal to 0"},
    Words{"illegal tab", "", "found a tab character that violates indentation"},
};

/// A collection that does not end: PyYAML says where it began.
constexpr std::array unended{
    Words{"end of map not found", "while parsing a block mapping", "did not find expected key"},
    Words{"end of sequence not found", "while parsing a block collection", "did not find expected '-' indicator"},
    Words{"end of map flow not found", "while parsing a flow mapping", "did not find expected ',' or '}'"},
    Words{"end of sequence flow not found", "while parsing a flow sequence", "did not find expected ',' or ']'"},
};

}  // namespace

YamlText::YamlText(std::string_view source) {
    if (source.starts_with(byte_order_mark)) source.remove_prefix(byte_order_mark.size());
    text = source;
    bool other_breaks = false;
    for (std::size_t at = 0; at < source.size();) {
        const auto point = decode_utf8(source, at);
        if (!point.valid || !printable(point.value)) throw unreadable(source, at, point);
        if (point.length > 1) ascii = false;
        if (point.value == '\r' || point.value == next_line) other_breaks = true;
        at += point.length;
    }
    if (other_breaks) {
        changed_.reserve(source.size());
        for (std::size_t at = 0; at < source.size();) {
            const auto point = decode_utf8(source, at);
            const auto begin = at;
            at += point.length;
            if (point.value == '\r' && source.substr(at).starts_with('\n')) continue;
            if (point.value == '\r' || point.value == next_line) {
                changed_ += '\n';
            } else {
                changed_.append(source, begin, point.length);
            }
        }
        text = changed_;
    }
    directives = check_directives(text);
}

YamlError in_python_words(std::string_view message, const Node* inside, Mark where, std::string_view rest) {
    for (const auto& words : unended) {
        if (!message.starts_with(words.message) || !inside) continue;
        if (rest.starts_with(','))
            return marked_error("while parsing a block node", where, "did not find expected node content", where);
        return marked_error(words.context, inside->mark, words.problem, where);
    }
    for (const auto& words : table)
        if (message.starts_with(words.message)) return marked_error(words.context, where, words.problem, where);
    return marked_error({}, {}, message, where);
}

}  // namespace patchbay::config
