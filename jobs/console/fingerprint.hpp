// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a board says when it gets power, as its lab states it: a job then knows that this console is this board's, and
// not that of the one beside it. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "jobs/console/pattern.hpp"

namespace patchbay {

class Fingerprint {
public:
    /// Regular expressions, each to be found in some line. None: there is nothing to compare.
    /// Throws: TestError, one is invalid.
    explicit Fingerprint(const std::vector<std::string>& expressions);

    /// The board starts anew: nothing is seen yet.
    void powered();
    void line(std::string_view text);

    /// Since it was powered, everything stated was seen. True when nothing is stated.
    bool complete() const { return missing_ == 0; }
    /// "'U-Boot 2024', 'imx8mq'": what was not seen, and what was said instead. Empty when complete.
    std::string problem() const;

private:
    struct Expected {
        Pattern pattern;
        bool seen = false;
    };
    std::vector<Expected> expected_;
    std::size_t missing_ = 0;
    std::string first_words_;  ///< of what the board said since it was powered
};

}  // namespace patchbay
