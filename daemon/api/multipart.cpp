// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/multipart.hpp"

#include "core/text.hpp"

namespace patchbay {
namespace {

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
    return lower_case(text.substr(0, start.size())) == start;
}

/// The value of `key` in `header; key="value"; other=x`.
std::optional<std::string> parameter(std::string_view header, std::string_view key) {
    for (auto at = header.find(';'); at != std::string_view::npos; at = header.find(';')) {
        header.remove_prefix(at + 1);
        while (header.starts_with(' ') || header.starts_with('\t')) header.remove_prefix(1);
        if (!starts_with_ignoring_case(header, key) || header.size() <= key.size() || header[key.size()] != '=')
            continue;
        auto value = header.substr(key.size() + 1);
        if (!value.starts_with('"')) {
            value = value.substr(0, value.find(';'));
            while (value.ends_with(' ')) value.remove_suffix(1);
            return std::string{value};
        }
        std::string out;
        for (std::size_t i = 1; i < value.size(); ++i) {
            if (value[i] == '"') return out;
            if (value[i] == '\\' && i + 1 < value.size()) ++i;
            out += value[i];
        }
        return std::nullopt;
    }
    return std::nullopt;
}

/// The form name that the headers of a part give it.
std::optional<std::string> part_name(std::string_view headers) {
    while (!headers.empty()) {
        const auto end = headers.find("\r\n");
        const auto line = headers.substr(0, end);
        headers.remove_prefix(end == std::string_view::npos ? headers.size() : end + 2);
        if (starts_with_ignoring_case(line, "content-disposition:")) return parameter(line, "name");
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> multipart_boundary(std::string_view content_type) {
    auto boundary = parameter(content_type, "boundary");
    if (boundary && (boundary->empty() || boundary->size() > 70)) return std::nullopt;  // RFC 2046 section 5.1.1
    return boundary;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_multipart(std::string_view body,
                                                                                std::string_view boundary) {
    const auto delimiter = "\r\n--" + std::string{boundary};
    std::vector<std::pair<std::string, std::string>> fields;
    // The first delimiter has no line before it; what comes before it is a preamble.
    const auto first = std::string_view{delimiter}.substr(2);
    std::size_t at = 0;
    if (!body.starts_with(first)) {
        at = body.find(delimiter);
        if (at == std::string_view::npos) return std::nullopt;
        at += 2;
    }
    body.remove_prefix(at + first.size());
    for (;;) {
        if (body.starts_with("--")) return fields;
        while (body.starts_with(' ') || body.starts_with('\t')) body.remove_prefix(1);
        if (!body.starts_with("\r\n")) return std::nullopt;
        body.remove_prefix(2);
        const auto end = body.find(delimiter);
        if (end == std::string_view::npos) return std::nullopt;
        const auto part = body.substr(0, end);
        const auto blank = part.find("\r\n\r\n");
        if (blank == std::string_view::npos) return std::nullopt;
        auto name = part_name(part.substr(0, blank));
        if (!name) return std::nullopt;
        fields.emplace_back(std::move(*name), part.substr(blank + 4));
        body.remove_prefix(end + delimiter.size());
    }
}

}  // namespace patchbay
