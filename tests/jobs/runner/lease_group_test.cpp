// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/lease_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/journal/journal_reader.hpp"
#include "jobs/runner/sinks.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;
using Kind = GroupCall::Kind;

class LeaseGroupTest : public ::testing::Test {
protected:
    TemporaryFolder folder;
    asio::io_context io;
    testing::VirtualTime time{io};
    JournalWriter journal = JournalWriter::create(folder.path / "journal", {LeaseId{1}, JobId{2}, Fence{3}});
    std::int64_t announced = 0;
    JournalSink sink{journal, [this](std::int64_t bytes) { announced = bytes; }};
    LeaseGroup group{io.get_executor(), journal, sink};

    GroupCall call(Kind kind, std::string id = "m") { return {0, kind, std::move(id), "", {}}; }
    std::optional<GroupAnswer> ask(GroupCall call, Clock::duration limit = std::chrono::seconds{30}) {
        return time.run(group.ask(std::move(call), Deadline::in(limit)));
    }
    std::vector<std::string> written() {
        JournalReader reader{folder.path / "journal"};
        std::vector<std::string> calls;
        for (const auto& record : reader.read(0).records)
            if (record.kind == RecordKind::call) calls.emplace_back(record.payload);
        return calls;
    }
};

TEST_F(LeaseGroupTest, ACallIsInTheJournalBeforeAnythingIsWaitedFor) {
    std::optional<GroupAnswer> answer;
    asio::co_spawn(io, group.ask(call(Kind::sync), Deadline::in(std::chrono::seconds{30})),
                   [&](std::exception_ptr, std::optional<GroupAnswer> result) { answer = std::move(result); });
    time.settle();
    EXPECT_THAT(written(), ::testing::ElementsAre(R"({"call":"sync","number":1,"id":"m"})"));
    EXPECT_EQ(announced, static_cast<std::int64_t>(journal.size()));
    EXPECT_FALSE(answer);
    group.hear(R"({"answer": 7})");
    group.hear(R"({"more": 1})");
    group.hear("nonsense");
    time.settle();
    EXPECT_FALSE(answer) << "none of these answers it";
    group.hear(R"({"answer": 1, "items": [["43", "ip", "x"]]})");
    time.settle();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->items.at(0).value, "x");
}

TEST_F(LeaseGroupTest, AnAnswerThatComesTwiceOrTooLateIsNoneOfTheNextCall) {
    EXPECT_FALSE(ask(call(Kind::sync)));
    EXPECT_EQ(written().size(), 1u);
    std::optional<GroupAnswer> answer;
    asio::co_spawn(io, group.ask(call(Kind::wait), Deadline::in(std::chrono::seconds{30})),
                   [&](std::exception_ptr, std::optional<GroupAnswer> result) { answer = std::move(result); });
    time.settle();
    group.hear(R"({"answer": 1})");
    time.settle();
    EXPECT_FALSE(answer);
    group.hear(R"({"answer": 2})");
    group.hear(R"({"answer": 2})");
    time.settle();
    EXPECT_TRUE(answer);
    EXPECT_FALSE(ask(call(Kind::wait))) << "the second one belongs to nobody";
}

TEST_F(LeaseGroupTest, WhatIsTooMuchIsRefusedHere) {
    auto large = call(Kind::send);
    large.data = {{"k", std::string(largest_call, 'x')}};
    const auto refused = ask(large);
    ASSERT_TRUE(refused);
    EXPECT_THAT(refused->refused, HasSubstr("at most 65534 are possible"));
    EXPECT_TRUE(written().empty());
    auto fitting = call(Kind::send);
    fitting.data = {{"k", std::string(60'000, 'x')}};
    std::string reason;
    for (int i = 0; i < 100 && reason.empty(); ++i) {
        if (const auto answer = ask(fitting, Clock::duration{0})) reason = answer->refused;
    }
    EXPECT_THAT(reason, HasSubstr("more than 4194304 bytes"));
}

}  // namespace
}  // namespace patchbay
