// SPDX-License-Identifier: Apache-2.0
#pragma once
// Console bytes to the lines of the job's log. LAVA ends a line at \r\r\n, \r\n or \n and drops ESC bytes; 2023.01
// drops every other carriage return, too, and so do we: a progress bar arrives as one line.

#include <string>
#include <string_view>
#include <vector>

#include "jobs/console/utf8.hpp"

namespace patchbay {

class LineSplitter {
public:
    /// A line holds at most this many bytes; what comes beyond is dropped. The log replaces lines of 100 000
    /// characters and more, so nothing that would have been shown is lost.
    static constexpr std::size_t max_line = 4 * 100'000 + 4;

    /// Appends the lines that `bytes` completed to `lines`, without their line ends.
    void feed(std::string_view bytes, std::vector<std::string>& lines);
    /// Ends an unfinished line, if there is one.
    void flush(std::vector<std::string>& lines);
    /// Is there an unfinished line?
    bool pending() const { return !line_.empty() || repair_.pending(); }

private:
    void take(std::string_view text);

    Utf8Repair repair_;
    std::string text_;
    std::string line_;
};

}  // namespace patchbay
