// SPDX-License-Identifier: Apache-2.0
#include "core/config/resolver.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::config {
namespace {

constexpr std::array<std::pair<Tag, std::string_view>, 14> names{{
    {Tag::null, "tag:yaml.org,2002:null"},
    {Tag::boolean, "tag:yaml.org,2002:bool"},
    {Tag::integer, "tag:yaml.org,2002:int"},
    {Tag::floating, "tag:yaml.org,2002:float"},
    {Tag::timestamp, "tag:yaml.org,2002:timestamp"},
    {Tag::merge, "tag:yaml.org,2002:merge"},
    {Tag::value, "tag:yaml.org,2002:value"},
    {Tag::text, "tag:yaml.org,2002:str"},
    {Tag::binary, "tag:yaml.org,2002:binary"},
    {Tag::omap, "tag:yaml.org,2002:omap"},
    {Tag::pairs, "tag:yaml.org,2002:pairs"},
    {Tag::set, "tag:yaml.org,2002:set"},
    {Tag::sequence, "tag:yaml.org,2002:seq"},
    {Tag::mapping, "tag:yaml.org,2002:map"},
}};

bool digit(char c) { return c >= '0' && c <= '9'; }

/// Takes characters off the front of a text.
class Cursor {
public:
    explicit Cursor(std::string_view text) : rest_{text} {}
    bool done() const { return rest_.empty(); }
    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    bool take(char c) {
        if (done() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_any(std::string_view set) {
        if (done() || set.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }
    std::string_view take_while(std::string_view set) {
        const auto end = std::min(rest_.find_first_not_of(set), rest_.size());
        const auto taken = rest_.substr(0, end);
        rest_.remove_prefix(end);
        return taken;
    }
    /// From `least` to `most` digits, or nothing.
    std::optional<std::string_view> digits(std::size_t least, std::size_t most) {
        std::size_t count = 0;
        while (count < most && count < rest_.size() && digit(rest_[count])) ++count;
        if (count < least) return std::nullopt;
        const auto taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }

private:
    std::string_view rest_;
};

constexpr std::string_view digits_and_underscore = "0123456789_";

/// One or more of ":" and a number below 60.
bool sexagesimal_tail(Cursor& cursor) {
    if (cursor.peek() != ':') return false;
    while (cursor.take(':')) {
        const auto part = cursor.digits(1, 2);
        if (!part || (part->size() == 2 && part->front() > '5')) return false;
    }
    return true;
}

bool is_integer(std::string_view text) {
    Cursor cursor{text};
    cursor.take_any("+-");
    if (cursor.take('0')) {
        if (cursor.done()) return true;
        if (cursor.take('b')) return !cursor.take_while("01_").empty() && cursor.done();
        if (cursor.take('x')) return !cursor.take_while("0123456789abcdefABCDEF_").empty() && cursor.done();
        return !cursor.take_while("01234567_").empty() && cursor.done();
    }
    if (!digit(cursor.peek())) return false;
    cursor.take_while(digits_and_underscore);
    return cursor.done() || (sexagesimal_tail(cursor) && cursor.done());
}

bool is_float(std::string_view text) {
    constexpr std::array special{".inf", ".Inf", ".INF"};
    constexpr std::array not_a_number{".nan", ".NaN", ".NAN"};
    if (std::ranges::find(not_a_number, text) != not_a_number.end()) return true;
    const auto unsigned_text = text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
    if (std::ranges::find(special, unsigned_text) != special.end()) return true;

    // An exponent needs a point before it and a sign.
    const auto exponent = [](Cursor& cursor) {
        if (!cursor.take_any("eE")) return true;
        return cursor.take_any("+-") && !cursor.take_while("0123456789").empty();
    };
    Cursor cursor{text};
    if (cursor.take('.')) {
        return digit(cursor.peek()) && !cursor.take_while(digits_and_underscore).empty() && exponent(cursor) &&
               cursor.done();
    }
    cursor.take_any("+-");
    if (!digit(cursor.peek())) return false;
    cursor.take_while(digits_and_underscore);
    if (cursor.peek() == ':') {
        if (!sexagesimal_tail(cursor) || !cursor.take('.')) return false;
        cursor.take_while(digits_and_underscore);
        return cursor.done();
    }
    if (!cursor.take('.')) return false;
    cursor.take_while(digits_and_underscore);
    return exponent(cursor) && cursor.done();
}

struct Moment {
    int year = 0, month = 0, day = 0;
    bool has_time = false;
    int hour = 0, minute = 0, second = 0;
    std::string fraction{};
    bool has_zone = false;
    int zone_minutes = 0;
    bool valid = true;
};

int number(std::string_view digits) {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

/// The shape of a date ("2026-01-02") or of a time with one- or two-digit fields.
std::optional<Moment> scan_timestamp(std::string_view text) {
    Cursor cursor{text};
    const auto year = cursor.digits(4, 4);
    if (!year || !cursor.take('-')) return std::nullopt;
    const auto month = cursor.digits(1, 2);
    if (!month || !cursor.take('-')) return std::nullopt;
    const auto day = cursor.digits(1, 2);
    if (!day) return std::nullopt;
    Moment at;
    at.year = number(*year);
    at.month = number(*month);
    at.day = number(*day);
    if (cursor.done()) return month->size() == 2 && day->size() == 2 ? std::optional{at} : std::nullopt;

    if (!cursor.take_any("Tt") && cursor.take_while(" \t").empty()) return std::nullopt;
    at.has_time = true;
    const auto hour = cursor.digits(1, 2);
    if (!hour || !cursor.take(':')) return std::nullopt;
    const auto minute = cursor.digits(2, 2);
    if (!minute || !cursor.take(':')) return std::nullopt;
    const auto second = cursor.digits(2, 2);
    if (!second) return std::nullopt;
    at.hour = number(*hour);
    at.minute = number(*minute);
    at.second = number(*second);
    if (cursor.take('.')) at.fraction = cursor.take_while("0123456789");
    if (cursor.done()) return at;

    cursor.take_while(" \t");
    at.has_zone = true;
    if (cursor.take('Z')) return cursor.done() ? std::optional{at} : std::nullopt;
    const bool west = cursor.peek() == '-';
    if (!cursor.take_any("+-")) return std::nullopt;
    const auto hours = cursor.digits(1, 2);
    if (!hours) return std::nullopt;
    at.zone_minutes = number(*hours) * 60;
    if (cursor.take(':')) {
        const auto minutes = cursor.digits(2, 2);
        if (!minutes) return std::nullopt;
        at.zone_minutes += number(*minutes);
    }
    if (west) at.zone_minutes = -at.zone_minutes;
    return cursor.done() ? std::optional{at} : std::nullopt;
}

bool exists(const Moment& at) {
    constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (at.year < 1 || at.month < 1 || at.month > 12 || at.day < 1) return false;
    const bool leap = (at.year % 4 == 0 && at.year % 100 != 0) || at.year % 400 == 0;
    const int last = days[static_cast<std::size_t>(at.month) - 1] + (at.month == 2 && leap ? 1 : 0);
    return at.day <= last && at.hour < 24 && at.minute < 60 && at.second < 60 && at.zone_minutes > -24 * 60 &&
           at.zone_minutes < 24 * 60;
}

void append_padded(std::string& out, int value, std::size_t width) {
    const auto digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

}  // namespace

Tag resolve_plain(std::string_view text) {
    constexpr std::array booleans{"yes",   "Yes",   "YES",   "no", "No", "NO", "true", "True", "TRUE",
                                  "false", "False", "FALSE", "on", "On", "ON", "off",  "Off",  "OFF"};
    constexpr std::array nulls{"", "~", "null", "Null", "NULL"};
    if (std::ranges::find(nulls, text) != nulls.end()) return Tag::null;
    if (text.size() <= 5 && std::ranges::find(booleans, text) != booleans.end()) return Tag::boolean;
    if (text == "<<") return Tag::merge;
    if (text == "=") return Tag::value;
    const char first = text.front();
    if (!digit(first) && first != '-' && first != '+' && first != '.') return Tag::text;
    if (is_float(text)) return Tag::floating;
    if (is_integer(text)) return Tag::integer;
    if (digit(first) && scan_timestamp(text)) return Tag::timestamp;
    return Tag::text;
}

Tag tag_of(std::string_view name) {
    const auto found = std::ranges::find(names, name, &std::pair<Tag, std::string_view>::second);
    return found == names.end() ? Tag::foreign : found->first;
}

std::string_view name_of(Tag tag) {
    const auto found = std::ranges::find(names, tag, &std::pair<Tag, std::string_view>::first);
    return found == names.end() ? std::string_view{} : found->second;
}

std::optional<std::string> read_timestamp(std::string_view text) {
    const auto at = scan_timestamp(text);
    if (!at || !exists(*at)) return std::nullopt;
    std::string out;
    append_padded(out, at->year, 4);
    out += '-';
    append_padded(out, at->month, 2);
    out += '-';
    append_padded(out, at->day, 2);
    if (!at->has_time) return out;
    out += ' ';
    append_padded(out, at->hour, 2);
    out += ':';
    append_padded(out, at->minute, 2);
    out += ':';
    append_padded(out, at->second, 2);
    auto fraction = at->fraction.substr(0, 6);
    fraction.append(6 - fraction.size(), '0');
    if (fraction != "000000") (out += '.') += fraction;
    if (at->has_zone) {
        const int minutes = std::abs(at->zone_minutes);
        out += at->zone_minutes < 0 ? '-' : '+';
        append_padded(out, minutes / 60, 2);
        out += ':';
        append_padded(out, minutes % 60, 2);
    }
    return out;
}

}  // namespace patchbay::config
