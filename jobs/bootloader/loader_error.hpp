// SPDX-License-Identifier: Apache-2.0
#pragma once
// Why a boot loader has failed, in LAVA's words first, then in its own.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/bootloader/dialogue.hpp"

namespace patchbay {

/// What a loader prints when it gives up: constants.<method>.error-messages of the device.
struct ErrorMessages {
    std::string loader;                    ///< the boot method: u-boot, grub, ...
    std::vector<std::string> expressions;  ///< numbered from 1: 0 is what was awaited
};

/// One of them came. An expression often ends in the middle of a line ("ERROR: .*" of a line that is cut anywhere), so
/// the rest of that line is heard before the boot ends.
class LoaderError {
public:
    explicit LoaderError(ErrorMessages messages);

    const std::vector<std::string>& expressions() const { return messages_.expressions; }
    /// `wanted`, then the expressions. Throws: TestError, one is invalid.
    PatternSet patterns_with(const std::string& wanted) const;

    /// Does a line of this kind go on? All that is looked for is line_end() then, and end() gets what comes.
    bool begun() const { return !begun_.empty(); }
    const PatternSet& line_end() const { return line_end_; }
    /// `match` of patterns_with(), not of the wanted text.
    DialogueStep begin(const Match& match);
    DialogueStep end(std::string_view rest) const;

private:
    ErrorMessages messages_;
    PatternSet line_end_;
    std::string begun_;  // LAVA's sentence
    std::string line_;   // so far
};

/// A loader that was told to start a system is at its prompt again. `output`: what it said after that command; its last
/// line of an answer is told.
DialogueStep back_at_prompt(const std::string& prompt, const std::string& command, const std::string& awaited,
                            std::string_view output);

}  // namespace patchbay
