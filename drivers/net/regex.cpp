// SPDX-License-Identifier: Apache-2.0
#define PCRE2_CODE_UNIT_WIDTH 8
#include "drivers/net/regex.hpp"

#include <pcre2.h>

#include <memory>

#include "core/deleter.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

[[noreturn]] void throw_failed(const std::string& expression, int code) {
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(code, text, sizeof text);
    throw ConfigurationError{"regular expression '" + expression + "': " + reinterpret_cast<const char*>(text)};
}

}  // namespace

std::optional<RegexMatch> search_regex(const std::string& expression, std::string_view text) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    const std::unique_ptr<pcre2_code, Deleter<pcre2_code_free>> code{
        pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), 0, &error, &offset, nullptr)};
    if (!code) throw_failed(expression, error);
    const std::unique_ptr<pcre2_match_data, Deleter<pcre2_match_data_free>> data{
        pcre2_match_data_create_from_pattern(code.get(), nullptr)};
    const int groups =
        pcre2_match(code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, data.get(), nullptr);
    if (groups == PCRE2_ERROR_NOMATCH) return std::nullopt;
    if (groups < 0) throw_failed(expression, groups);
    const auto* at = pcre2_get_ovector_pointer(data.get());
    const bool has_group = groups > 1 && at[2] != PCRE2_UNSET;
    const auto* taken = has_group ? at + 2 : at;
    return RegexMatch{std::string{text.substr(taken[0], taken[1] - taken[0])}, at[1]};
}

}  // namespace patchbay
