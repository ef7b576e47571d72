// SPDX-License-Identifier: Apache-2.0
#include "cli/text/paint.hpp"

namespace patchbay::cli {

std::string Paint::operator()(Colour colour, std::string_view text) const {
    if (!on_ || colour == Colour::none || text.empty()) return std::string{text};
    const char* code = "0";
    switch (colour) {
        case Colour::none:
            break;
        case Colour::dim:
            code = "2";
            break;
        case Colour::bold:
            code = "1";
            break;
        case Colour::red:
            code = "31";
            break;
        case Colour::green:
            code = "32";
            break;
        case Colour::yellow:
            code = "33";
            break;
        case Colour::blue:
            code = "34";
            break;
        case Colour::magenta:
            code = "35";
            break;
        case Colour::cyan:
            code = "36";
            break;
    }
    return "\x1b[" + std::string{code} + "m" + std::string{text} + "\x1b[0m";
}

Colour colour_of_result(std::string_view result) {
    if (result == "pass") return Colour::green;
    if (result == "fail") return Colour::red;
    if (result == "skip") return Colour::yellow;
    return Colour::magenta;
}

Colour colour_of_state(std::string_view word) {
    if (word == "Complete" || word == "Good") return Colour::green;
    if (word == "Incomplete" || word == "Bad") return Colour::red;
    if (word == "Canceled" || word == "Canceling" || word == "Maintenance" || word == "Looping") return Colour::yellow;
    if (word == "Running" || word == "Reserved") return Colour::cyan;
    if (word == "Retired" || word == "Unknown") return Colour::dim;
    return Colour::none;
}

}  // namespace patchbay::cli
