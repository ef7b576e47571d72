// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/times.hpp"

namespace patchbay {
namespace {

/// Reads from the front; any failure sticks.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_{text} {}

    int number(std::size_t digits) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return fail();
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }
    bool accept(std::string_view any_of) {
        if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
        last_ = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }
    void expect(std::string_view any_of) {
        if (!accept(any_of)) fail();
    }
    bool next_is_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
    char last() const { return last_; }
    bool at_end() const { return rest_.empty(); }
    bool failed() const { return failed_; }

private:
    int fail() {
        failed_ = true;
        return 0;
    }
    std::string_view rest_;
    char last_ = 0;
    bool failed_ = false;
};

std::chrono::microseconds read_fraction(Scanner& scan) {
    int value = 0;
    int digits = 0;
    while (digits < 6 && scan.next_is_digit()) {
        value = value * 10 + scan.number(1);
        ++digits;
    }
    for (; digits < 6; ++digits) value *= 10;
    while (scan.next_is_digit()) scan.number(1);  // finer than we keep
    return std::chrono::microseconds{value};
}

}  // namespace

std::optional<WallTime> parse_time(std::string_view text) {
    using namespace std::chrono;
    Scanner scan{text};
    const int year_number = scan.number(4);
    scan.expect("-");
    const int month_number = scan.number(2);
    scan.expect("-");
    const int day_number = scan.number(2);
    scan.expect("T ");
    const int hour = scan.number(2);
    scan.expect(":");
    const int minute = scan.number(2);
    int second = 0;
    microseconds fraction{0};
    if (scan.accept(":")) {
        second = scan.number(2);
        if (scan.accept(".,")) fraction = read_fraction(scan);
    }
    minutes offset{0};
    if (!scan.accept("Zz") && scan.accept("+- ")) {
        const bool west = scan.last() == '-';
        const int hours_off = scan.number(2);
        scan.accept(":");
        const int minutes_off = scan.at_end() ? 0 : scan.number(2);
        offset = hours{hours_off} + minutes{minutes_off};
        if (west) offset = -offset;
    }
    const year_month_day date{year{year_number}, month{static_cast<unsigned>(month_number)},
                              day{static_cast<unsigned>(day_number)}};
    if (scan.failed() || !scan.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return WallTime{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} + fraction - offset;
}

}  // namespace patchbay
