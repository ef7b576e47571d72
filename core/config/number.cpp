// SPDX-License-Identifier: Apache-2.0
#include "core/config/number.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>

#include "core/text.hpp"

namespace patchbay::config {
namespace {

constexpr std::size_t most_digits = 4300;

/// A natural number in decimal; grows by multiply-and-add, so that any base can be read.
class Natural {
public:
    void multiply_add(unsigned factor, unsigned addend) {
        unsigned carry = addend;
        for (auto& digit : digits_) {
            const unsigned sum = static_cast<unsigned>(digit) * factor + carry;
            digit = static_cast<unsigned char>(sum % 10);
            carry = sum / 10;
        }
        for (; carry > 0; carry /= 10) digits_.push_back(static_cast<unsigned char>(carry % 10));
    }
    std::size_t size() const { return digits_.size(); }
    std::string text() const {
        std::string out;
        for (auto digit = digits_.rbegin(); digit != digits_.rend(); ++digit) out += static_cast<char>('0' + *digit);
        return out.empty() ? "0" : out;
    }

private:
    std::vector<unsigned char> digits_;  // least significant first
};

std::string without_underscores(std::string_view text) {
    std::string out{text};
    std::erase(out, '_');
    return out;
}

unsigned digit_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
    return 99;
}

std::optional<Value> to_value(std::string digits, bool negative) {
    if (negative && digits != "0") digits.insert(0, 1, '-');
    std::int64_t small = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), small);
    if (error == std::errc{} && end == digits.data() + digits.size()) return Value{small};
    return Value{BigInt{std::move(digits)}};
}

/// "1:30:00" in base 60, "755" in another; false when a digit does not belong there.
bool read_natural(std::string_view text, unsigned base, Natural& number) {
    if (text.empty() || text.size() > most_digits) return false;
    for (const char c : text) {
        const unsigned digit = digit_value(c);
        if (digit >= base) return false;
        number.multiply_add(base, digit);
    }
    return true;
}

bool read_sexagesimal(std::string_view text, Natural& number) {
    for (bool more = true; more;) {
        const auto colon = text.find(':');
        more = colon != std::string_view::npos;
        const auto part = text.substr(0, colon);
        unsigned value = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        if (error != std::errc{} || end != part.data() + part.size() || value > 1'000'000) return false;
        number.multiply_add(60, value);
        if (number.size() > most_digits) return false;
        if (more) text.remove_prefix(colon + 1);
    }
    return true;
}

}  // namespace

std::optional<Value> read_bool(std::string_view text) {
    const auto low = lower_case(text);
    if (low == "yes" || low == "true" || low == "on") return Value{true};
    if (low == "no" || low == "false" || low == "off") return Value{false};
    return std::nullopt;
}

std::optional<Value> read_integer(std::string_view raw) {
    const auto clean = without_underscores(raw);
    std::string_view text = clean;
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    // The usual case: a short decimal number.
    if (!text.empty() && text.size() <= 18 && text.front() != '0') {
        std::int64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc{} && end == text.data() + text.size()) return Value{negative ? -value : value};
    }
    Natural number;
    bool good = false;
    if (text == "0")
        good = true;
    else if (text.starts_with("0b"))
        good = read_natural(text.substr(2), 2, number);
    else if (text.starts_with("0x"))
        good = read_natural(text.substr(2), 16, number);
    else if (text.starts_with('0'))
        good = read_natural(text, 8, number);
    else if (text.find(':') != std::string_view::npos)
        good = text.size() <= most_digits && read_sexagesimal(text, number);
    else
        good = read_natural(text, 10, number);
    if (!good) return std::nullopt;
    return to_value(number.text(), negative);
}

std::optional<double> read_decimal(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::result_out_of_range) return std::strtod(std::string{text}.c_str(), nullptr);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Value> read_float(std::string_view raw) {
    const auto clean = lower_case(without_underscores(raw));
    std::string_view text = clean;
    const double sign = text.starts_with('-') ? -1.0 : 1.0;
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (text == ".inf") return Value{sign * std::numeric_limits<double>::infinity()};
    if (text == ".nan") return Value{std::numeric_limits<double>::quiet_NaN()};
    double total = 0;
    for (bool more = true; more;) {
        const auto colon = text.find(':');
        more = colon != std::string_view::npos;
        const auto part = read_decimal(text.substr(0, colon));
        if (!part) return std::nullopt;
        total = total * 60 + *part;
        if (more) text.remove_prefix(colon + 1);
    }
    return Value{sign * total};
}

std::optional<unsigned> read_count(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace patchbay::config
