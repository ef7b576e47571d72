// SPDX-License-Identifier: Apache-2.0
#include "cli/results/result_cell.hpp"

namespace patchbay::cli {
namespace {

Colour colour_of_mark(const std::string& mark) {
    if (mark == "regressed" || mark == "missing") return Colour::red;
    return mark == "fixed" ? Colour::green : Colour::yellow;
}

}  // namespace

Cell result_cell(const std::string& result, const std::string& mark) {
    const auto shown = result.empty() ? "-" : result;
    if (mark.empty() || mark == "expected") return {shown, colour_of_result(result)};
    return {shown + " " + mark, colour_of_mark(mark)};
}

bool is_bad(const std::string& result, const std::string& mark) {
    if (mark.empty() || mark == "new") return result == "fail";
    return mark == "regressed" || mark == "missing" || mark == "differs";
}

}  // namespace patchbay::cli
