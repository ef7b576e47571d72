// SPDX-License-Identifier: Apache-2.0
#pragma once
// Where output goes, and what that place can show.

#include <cstddef>
#include <map>
#include <ostream>
#include <string>
#include <string_view>

#include "cli/text/paint.hpp"

namespace patchbay::cli {

/// The environment variables as a value, so that a test can have its own.
using Environment = std::map<std::string, std::string, std::less<>>;
Environment current_environment();
/// The variable, or "" when it is unset.
std::string variable(const Environment& environment, std::string_view name);

enum class ColourChoice { automatic, always, never };

/// --color decides; `automatic` means: a terminal, NO_COLOR unset or empty (no-color.org), and TERM not "dumb".
bool wants_colour(ColourChoice choice, bool is_tty, const Environment& environment);

struct Terminal {
    std::ostream& out;
    std::ostream& err;
    bool out_is_tty = false;
    bool err_is_tty = false;
    std::size_t width = 0;  ///< columns of stdout; 0 when it is no terminal
    Paint paint{};          ///< for out
    Paint err_paint{};      ///< for err
};

/// What the program's own stdout and stderr are.
Terminal real_terminal();

/// One transient line on stderr ("waiting in queue…"); nothing at all when stderr is no terminal.
class Progress {
public:
    explicit Progress(Terminal& terminal) : terminal_{&terminal} {}
    ~Progress() { clear(); }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void show(std::string_view text);
    /// Call it before anything else is printed.
    void clear();

private:
    Terminal* terminal_;
    std::string shown_;
};

}  // namespace patchbay::cli
