// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// Splits as Python's shlex.split does: blanks separate, '…' is literal, "…" groups and knows \" and \\, a backslash
/// outside quotes takes the next character as it is. No variables, no globs, no comments.
/// Throws: ConfigurationError when a quote is not closed or the text ends with a backslash.
std::vector<std::string> split_words(std::string_view text);

/// Splits as Python's pexpect.split_command_line does, which is how LAVA cuts a boot command: as above, but a backslash
/// inside quotes is an ordinary character, an empty quoted word vanishes and an unclosed quote ends with the text.
std::vector<std::string> split_command_line(std::string_view text);

/// Quotes as Python's shlex.quote does.
std::string quote_word(std::string_view word);
/// The words, quoted where needed, with blanks between.
std::string join_words(const std::vector<std::string>& words);

}  // namespace patchbay
