// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/target.hpp"

#include "daemon/http/http_error.hpp"

namespace patchbay {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

enum class Plus { literal, blank };

/// Returns false when a '%' lacked its digits; it was then kept.
bool decode(std::string_view text, Plus plus, std::string& out) {
    bool clean = true;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
            if (high >= 0 && low >= 0) {
                out += static_cast<char>(high * 16 + low);
                i += 2;
                continue;
            }
            clean = false;
        }
        out += c == '+' && plus == Plus::blank ? ' ' : c;
    }
    return clean;
}

std::string collapse(std::string_view path) {
    std::string out;
    out.reserve(path.size() + 1);
    for (const char c : path) {
        if (c == '/' && !out.empty() && out.back() == '/') continue;
        out += c;
    }
    if (out.empty() || out.back() != '/') out += '/';
    return out;
}

}  // namespace

bool is_utf8(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        if (lead < 0x80) continue;
        const int more = lead >= 0xC2 && lead <= 0xDF   ? 1
                         : (lead & 0xF0) == 0xE0        ? 2
                         : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                        : 0;
        if (more == 0 || text.size() - i < static_cast<std::size_t>(more)) return false;
        const auto second = static_cast<unsigned char>(text[i]);
        // Overlong forms, surrogates and what lies beyond U+10FFFF (RFC 3629 section 4).
        if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
            (lead == 0xF4 && second > 0x8F)) {
            return false;
        }
        for (int k = 0; k < more; ++k) {
            if ((static_cast<unsigned char>(text[i++]) & 0xC0) != 0x80) return false;
        }
    }
    return true;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    if (!decode(text, Plus::literal, out)) return std::nullopt;
    return out;
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> fields;
    while (!text.empty()) {
        const auto end = text.find('&');
        const auto part = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (part.empty()) continue;
        const auto equals = part.find('=');
        auto& [name, value] = fields.emplace_back();
        decode(part.substr(0, equals), Plus::blank, name);
        if (equals != std::string_view::npos) decode(part.substr(equals + 1), Plus::blank, value);
    }
    return fields;
}

Target parse_target(std::string_view target) {
    if (target == "*") return Target{"*", {}};
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;  // absolute form, as sent to proxies (RFC 9112 section 3.2.2)
        target.remove_prefix(scheme.size());
        const auto path = target.find_first_of("/?");
        target = path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
        break;
    }
    if (const auto fragment = target.find('#'); fragment != std::string_view::npos) target = target.substr(0, fragment);
    const auto question = target.find('?');
    const auto raw_path = target.substr(0, question);
    if (!raw_path.starts_with('/') && !(raw_path.empty() && question == 0)) {
        throw HttpError{400, "The request target is no path."};
    }
    auto path = percent_decode(raw_path);
    if (!path) throw HttpError{400, "The path has a '%' without two hexadecimal digits after it."};
    if (path->find('\0') != std::string::npos) throw HttpError{400, "The path has a NUL byte."};
    if (!is_utf8(*path)) throw HttpError{400, "The path is not UTF-8."};

    Target result{collapse(*path), {}};
    if (question != std::string_view::npos) result.query = parse_form(target.substr(question + 1));
    for (const auto& [name, value] : result.query) {
        if (name.find('\0') != std::string::npos || value.find('\0') != std::string::npos) {
            throw HttpError{400, "The query has a NUL byte."};
        }
        if (!is_utf8(name) || !is_utf8(value)) throw HttpError{400, "The query is not UTF-8."};
    }
    return result;
}

bool is_host(std::string_view host) {
    if (host.empty() || host.size() > 255) return false;
    for (const char c : host) {
        if (!is_alphanumeric(c) && std::string_view{"-._:[]%"}.find(c) == std::string_view::npos) return false;
    }
    return true;
}

}  // namespace patchbay
