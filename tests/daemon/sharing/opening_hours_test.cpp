// SPDX-License-Identifier: Apache-2.0
#include "daemon/sharing/opening_hours.hpp"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <sstream>

namespace patchbay {
namespace {

/// "2026-03-28 19:00" as UTC.
WallTime utc(const std::string& text) {
    std::istringstream in{text};
    date::sys_time<std::chrono::minutes> time;
    in >> date::parse("%F %H:%M", time);
    EXPECT_FALSE(in.fail()) << text;
    return time;
}

OpeningHours hours(std::vector<std::string> windows, const std::string& zone = "Europe/Berlin") {
    OpeningHours hours{*TimeZone::named(zone), {}};
    for (const auto& text : windows) hours.windows.push_back(parse_window(text).value());
    return hours;
}

std::string shown(const Opening& opening) {
    const std::string word = opening.open ? "open until " : "closed until ";
    return word +
           (opening.changes ? date::format("%F %H:%M", date::floor<std::chrono::minutes>(*opening.changes)) : "ever");
}

TEST(Window, HasDaysAndTimes) {
    const auto night = parse_window("Mon-Fri 19:00-07:00");
    ASSERT_TRUE(night);
    EXPECT_EQ(night->days, 0b0011111);
    EXPECT_EQ(night->from, std::chrono::minutes{19 * 60});
    EXPECT_EQ(night->to, std::chrono::minutes{7 * 60});
    EXPECT_EQ(parse_window("Sat,Sun")->days, 0b1100000);
    EXPECT_EQ(parse_window("fri-mon 8:30-24:00")->days, 0b1110001);
    EXPECT_EQ(parse_window("19:00-07:00")->days, 0b1111111);
    for (const auto* text : {"", "Mo", "Mon-", "19:00", "19-07", "19:00-19:00", "24:00-07:00", "19:60-20:00",
                             "25:00-26:00", "Mon 19:00", "Mon,", "Mon 19:00-07:00 x", "7:0-8:00", "-1:00-8:00"})
        EXPECT_FALSE(parse_window(text)) << text;
}

TEST(OpeningHours, AreOfTheClockOnTheWall) {
    // Berlin is an hour ahead of UTC in winter. 2026-01-14 is a Wednesday.
    const auto nights = hours({"Mon-Fri 19:00-07:00", "Sat,Sun"});
    struct Row {
        const char* now;
        const char* expected;
    };
    for (const auto& row : std::vector<Row>{
             {"2026-01-14 12:00", "closed until 2026-01-14 18:00"},
             {"2026-01-14 17:59", "closed until 2026-01-14 18:00"},
             {"2026-01-14 18:00", "open until 2026-01-15 06:00"},
             {"2026-01-15 05:59", "open until 2026-01-15 06:00"},
             {"2026-01-15 06:00", "closed until 2026-01-15 18:00"},
             // Friday night, Saturday and Sunday are one; the night from Sunday to Monday is not in it.
             {"2026-01-16 18:00", "open until 2026-01-18 23:00"},
             {"2026-01-18 23:00", "closed until 2026-01-19 18:00"},
         }) {
        EXPECT_EQ(shown(opening_at(nights, utc(row.now))), row.expected) << row.now;
    }
}

TEST(OpeningHours, WithoutWindowsAreNeverAndWithAllDaysAlways) {
    EXPECT_EQ(shown(opening_at(hours({}), utc("2026-01-14 12:00"))), "closed until ever");
    EXPECT_EQ(shown(opening_at(hours({"Mon-Sun"}), utc("2026-01-14 12:00"))), "open until ever");
    EXPECT_EQ(shown(opening_at(hours({"06:00-18:00", "18:00-06:00"}), utc("2026-01-14 12:00"))), "open until ever");
    EXPECT_EQ(longest_opening(hours({})), std::chrono::seconds{0});
    EXPECT_EQ(longest_opening(hours({"Mon-Sun"})), std::nullopt);
    EXPECT_EQ(longest_opening(hours({"Mon-Fri 19:00-07:00", "Sat,Sun"})), std::chrono::hours{5 + 48});
}

TEST(OpeningHours, ANightIsAnHourShorterWhenTheClockIsPutForward) {
    // 2026-03-29 01:00 UTC: 02:00 becomes 03:00 in Berlin.
    const auto nights = hours({"19:00-07:00"});
    EXPECT_EQ(shown(opening_at(nights, utc("2026-03-28 12:00"))), "closed until 2026-03-28 18:00");
    EXPECT_EQ(shown(opening_at(nights, utc("2026-03-28 18:00"))), "open until 2026-03-29 05:00");
    EXPECT_EQ(shown(opening_at(nights, utc("2026-03-29 05:00"))), "closed until 2026-03-29 17:00");
    // 02:30 is never shown: what begins or ends then does so at the change.
    EXPECT_EQ(shown(opening_at(hours({"02:30-06:00"}), utc("2026-03-29 00:30"))), "closed until 2026-03-29 01:00");
    EXPECT_EQ(shown(opening_at(hours({"00:00-02:30"}), utc("2026-03-29 00:30"))), "open until 2026-03-29 01:00");
    EXPECT_EQ(shown(opening_at(hours({"02:10-02:40"}), utc("2026-03-29 00:30"))), "closed until 2026-03-30 00:10");
}

TEST(OpeningHours, ANightIsAnHourLongerWhenTheClockIsPutBack) {
    // 2026-10-25 01:00 UTC: 03:00 becomes 02:00 in Berlin.
    const auto nights = hours({"19:00-07:00"});
    EXPECT_EQ(shown(opening_at(nights, utc("2026-10-24 17:00"))), "open until 2026-10-25 06:00");
    EXPECT_EQ(shown(opening_at(nights, utc("2026-10-25 06:00"))), "closed until 2026-10-25 18:00");
    // 02:30 is shown twice: the first is meant.
    EXPECT_EQ(shown(opening_at(hours({"02:30-06:00"}), utc("2026-10-25 00:10"))), "closed until 2026-10-25 00:30");
    EXPECT_EQ(shown(opening_at(hours({"00:00-02:30"}), utc("2026-10-25 00:10"))), "open until 2026-10-25 00:30");
    // Between two windows that touch the repeated hour is no gap.
    EXPECT_EQ(shown(opening_at(hours({"22:00-03:00", "03:00-05:00"}), utc("2026-10-25 00:10"))),
              "open until 2026-10-25 04:00");
}

TEST(OpeningHours, EveryPlaceHasItsOwnClock) {
    EXPECT_FALSE(TimeZone::named("Europe/Atlantis"));
    EXPECT_FALSE(TimeZone::named(""));
    const auto night = [](const std::string& zone) {
        return shown(opening_at(hours({"19:00-07:00"}, zone), utc("2026-07-01 11:00")));
    };
    EXPECT_EQ(night("Asia/Tokyo"), "open until 2026-07-01 22:00");
    EXPECT_EQ(night("America/Los_Angeles"), "open until 2026-07-01 14:00");
    EXPECT_EQ(night("Asia/Kolkata"), "closed until 2026-07-01 13:30");
    EXPECT_EQ(night("Etc/UTC"), "closed until 2026-07-01 19:00");
    EXPECT_EQ(format_local(utc("2026-07-01 11:00"), *TimeZone::named("Europe/Berlin")), "2026-07-01 13:00 CEST");
    opening_at(OpeningHours{TimeZone::of_this_machine(), {Window{}}}, utc("2026-07-01 11:00"));
}

TEST(OpeningHours, AgreeWithTheCalendarAtEveryQuarterOfAYear) {
    const auto week = hours({"Mon-Fri 19:00-07:00", "Sat,Sun"});
    const auto& zone = week.zone.zone();
    for (auto now = utc("2026-01-01 00:00"); now < utc("2027-01-01 00:00"); now += std::chrono::minutes{15}) {
        const auto local = zone.to_local(now);
        const auto day = date::floor<date::days>(local);
        const auto weekday = date::weekday{day}.iso_encoding();
        const auto hour = date::floor<std::chrono::hours>(local - day).count();
        // The night that began on a day belongs to that day.
        const bool open = weekday >= 6 || hour >= 19 || (hour < 7 && weekday >= 2);
        const auto opening = opening_at(week, now);
        ASSERT_EQ(opening.open, open) << date::format("%F %H:%M", now);
        ASSERT_TRUE(opening.changes);
        ASSERT_GT(*opening.changes, now);
        ASSERT_NE(opening_at(week, *opening.changes).open, open);
    }
}

}  // namespace
}  // namespace patchbay
