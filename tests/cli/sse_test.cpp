// SPDX-License-Identifier: Apache-2.0
#include "cli/http/sse.hpp"

#include <gtest/gtest.h>

#include "cli/exit.hpp"

namespace patchbay::cli {
namespace {

std::string text_of(const std::vector<ServerEvent>& events) {
    std::string out;
    for (const auto& event : events) out += event.name + "|" + event.id + "|" + event.data + ";";
    return out;
}

struct Example {
    const char* what;
    std::string stream;
    std::string events;
};

const Example examples[] = {
    {"a log line and a state", "event: log\nid: 7\ndata: {\"a\":1}\n\nevent: state\ndata: {}\n\n",
     "log|7|{\"a\":1};state|7|{};"},
    {"CRLF and CR as line ends", "event: log\r\ndata: x\r\n\r\nevent: log\rdata: y\r\r", "log||x;log||y;"},
    {"signs of life", ": ping\n\n:\n\ndata: x\n\n", "message||x;"},
    {"a byte-order mark",
     "\xEF\xBB\xBF"
     "data: x\n\n",
     "message||x;"},
    {"several data lines", "data: a\ndata:\ndata:  b\n\n", "message||a\n\n b;"},
    {"an event without data sets the id only", "id: 3\n\ndata: x\n\n", "message|3|x;"},
    {"empty data is data", "event: end\ndata\n\n", "end||;"},
    {"unknown fields", "retry: 10\nfoo: bar\ndata: x\n\n", "message||x;"},
    {"what the end of the stream cut off", "data: x\n\ndata: y\n", "message||x;"},
};

TEST(EventParser, ReadsWhatTheStandardSays) {
    for (const auto& example : examples)
        EXPECT_EQ(text_of(EventParser{}.feed(example.stream)), example.events) << example.what;
}

TEST(EventParser, FindsTheSameEventsHoweverTheBytesAreCut) {
    for (const auto& example : examples)
        for (std::size_t cut = 0; cut <= example.stream.size(); ++cut) {
            EventParser parser;
            auto events = parser.feed(std::string_view{example.stream}.substr(0, cut));
            const auto more = parser.feed(std::string_view{example.stream}.substr(cut));
            events.insert(events.end(), more.begin(), more.end());
            EXPECT_EQ(text_of(events), example.events) << example.what << ", cut at byte " << cut;
        }
}

TEST(EventParser, RefusesAnEventThatWouldFillTheMemory) {
    EventParser parser;
    const std::string megabyte(1024 * 1024, 'x');
    EXPECT_THROW(
        {
            for (int i = 0; i < 17; ++i) parser.feed(megabyte);
        },
        UserError);
}

}  // namespace
}  // namespace patchbay::cli
