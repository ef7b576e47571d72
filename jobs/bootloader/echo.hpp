// SPDX-License-Identifier: Apache-2.0
#pragma once
// A boot loader echoes what is typed. A command may hold what we wait for ("setenv note TIMEOUT", a prompt of one '#');
// that its echo does is no answer.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/console/matcher.hpp"

namespace patchbay {

/// `text` without terminal sequences (ESC [ ... letter, ESC letter) and control characters.
std::string printable(std::string_view text);

/// Is the console still echoing the command? The line may lose or double characters, depthcharge shows long ones with a
/// hole, firmware may talk in between, and GRUB wraps every character into cursor sequences: the echo is over at a line
/// end that comes when it has got to the last tenth of the command.
class Echo {
public:
    Echo() = default;
    /// `patterns`: what answers are looked for with.
    Echo(std::string typed, const PatternSet& patterns);

    /// Takes a match of `patterns` that followed. True: it is the command's own text; look for the next one.
    bool holds(const Match& match);
    /// The command has come back, or is not expected any more.
    bool over() const { return over_; }
    /// So much of it has come back, with `more` that no match was found in, that it cannot be by chance.
    bool half_over(std::string_view more = {}) const;

private:
    void hear(std::string_view output);
    void follow(char c);

    std::string typed_;                // printable
    std::vector<std::size_t> hidden_;  // by pattern: how often it matches in the command
    std::size_t echoed_ = 0;           // how far into typed_ it has come
    std::string recent_;               // what was heard last
    std::size_t heard_ = 0;
    bool over_ = true;
};

}  // namespace patchbay
