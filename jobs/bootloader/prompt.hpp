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

/// Was a prompt cut in two by lines of something else? By the kernel's, which have a time stamp, anywhere: "board
/// lo[   12.5] usb 1-1: gone\r\ngin: ". By those of other firmware on the same console, "=[ec] fan 3\r\n> ", only
/// where the prompt is plain text and its first part begins a line. The second part must be the last line.
bool ends_at_cut_prompt(const Pattern& prompt, std::string_view output);

/// Does it show nothing?
bool is_blank(std::string_view output);

/// What the log says of it.
std::string cut_prompt_warning(const std::string& prompt);

}  // namespace patchbay
