// SPDX-License-Identifier: Apache-2.0
#pragma once
// Prompts on a console that has gone silent.

#include <string>
#include <string_view>

#include "jobs/console/pattern.hpp"

namespace patchbay {

/// Does `output` end at a prompt: with a match of `prompt`, and nothing but blanks behind it?
bool ends_at_prompt(const Pattern& prompt, std::string_view output);

/// Does `output`, which a loader said after `command` was typed at its prompt, end at such a prompt again, below
/// an echo or an answer? An expression may be the begin of what is printed ("barebox" of "barebox@Board:/ "): the rest
/// then stands before the echo of the command, too.
bool is_back_at_prompt(const Pattern& prompt, std::string_view command, std::string_view output);

/// Was a prompt cut in two by a line of something else, as other firmware on the same console does it: "=[ec] fan
/// 3\r\n> "? Only for prompts that are plain text; the first part must begin a line, the second must be the last line.
bool ends_at_cut_prompt(const Pattern& prompt, std::string_view output);

}  // namespace patchbay
