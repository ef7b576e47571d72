// SPDX-License-Identifier: Apache-2.0
#pragma once
// Colour, or not.

#include <string>
#include <string_view>

namespace patchbay::cli {

enum class Colour { none, dim, bold, red, green, yellow, blue, magenta, cyan };

/// Puts text into a colour; leaves it alone when colours are off.
class Paint {
public:
    explicit Paint(bool on = false) : on_{on} {}
    bool on() const { return on_; }
    std::string operator()(Colour colour, std::string_view text) const;

private:
    bool on_;
};

/// pass green, fail red, skip yellow, unknown magenta.
Colour colour_of_result(std::string_view result);
/// Complete, Good green; Incomplete, Bad red; Canceled, Maintenance yellow; Running cyan; others none.
Colour colour_of_state(std::string_view word);

}  // namespace patchbay::cli
