// SPDX-License-Identifier: Apache-2.0
#include "drivers/line_settings.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace patchbay {
namespace {

constexpr std::array<std::pair<std::string_view, Parity>, 5> parities{{{"none", Parity::none},
                                                                       {"odd", Parity::odd},
                                                                       {"even", Parity::even},
                                                                       {"mark", Parity::mark},
                                                                       {"space", Parity::space}}};
constexpr std::array<std::pair<std::string_view, FlowControl>, 3> flow_controls{
    {{"none", FlowControl::none}, {"rtscts", FlowControl::rtscts}, {"xonxoff", FlowControl::xonxoff}}};

template <class T, std::size_t N>
std::optional<T> read_word(config::MapReader& options, std::string_view key,
                           const std::array<std::pair<std::string_view, T>, N>& words) {
    const auto word = options.maybe<std::string>(key);
    if (!word) return std::nullopt;
    std::string known;
    for (const auto& [name, value] : words) {
        if (*word == name) return value;
        known += (known.empty() ? "" : ", ") + std::string{name};
    }
    options.problem(key, "must be one of " + known);
    return std::nullopt;
}

std::optional<int> read_number(config::MapReader& options, std::string_view key, int least, int most) {
    const auto number = options.maybe<int>(key);
    if (number && (*number < least || *number > most))
        options.problem(key, "must be from " + std::to_string(least) + " to " + std::to_string(most));
    return number;
}

}  // namespace

LineSettings read_line_settings(config::MapReader& options) {
    LineSettings line;
    // No adapter is faster than 24 Mbit/s; a larger number is a slip.
    line.speed = read_number(options, "speed", 1, 24'000'000);
    line.data_bits = read_number(options, "data_bits", 5, 8);
    line.parity = read_word(options, "parity", parities);
    line.stop_bits = read_number(options, "stop_bits", 1, 2);
    line.flow_control = read_word(options, "flow_control", flow_controls);
    line.dtr = options.maybe<bool>("dtr");
    line.rts = options.maybe<bool>("rts");
    if (line.rts && line.flow_control == FlowControl::rtscts)
        options.problem("rts", "cannot be set: with flow_control rtscts the adapter moves it");
    return line;
}

std::string to_string(const LineSettings& line) {
    constexpr std::string_view letters = "noems";
    std::string text = (line.speed ? std::to_string(*line.speed) : "?") + " ";
    text += line.data_bits ? std::to_string(*line.data_bits) : "?";
    text += line.parity ? letters[static_cast<std::size_t>(*line.parity)] : '?';
    return text + (line.stop_bits ? std::to_string(*line.stop_bits) : "?");
}

}  // namespace patchbay
