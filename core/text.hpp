// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small things that are done with texts everywhere. All pure, all for ASCII only, whatever the locale.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay {

/// "42", "-7"; nullopt for all else: blanks, a '+', a fraction, what 64 bits do not hold.
std::optional<std::int64_t> whole_number(std::string_view text);

std::string lower_case(std::string_view text);
std::string upper_case(std::string_view text);

/// Can a stranger's name be that of a file or folder of ours, and stand between commas? Letters, digits and "-._", at
/// most 255; not "." and "..".
bool is_plain_name(std::string_view text);

enum class Blank { as_percent, as_plus };

/// Everything but letters, digits and "-._~" as %XX; blanks of a form or a query may be '+', as Python's urlencode
/// writes them.
std::string percent_encode(std::string_view text, Blank blank = Blank::as_percent);

/// "alice@lab.example": one '@' with something on both sides, nothing that a mail's header or SMTP would take for its
/// own. Whether anybody reads it only its server knows.
bool is_mail_address(std::string_view text);

}  // namespace patchbay
