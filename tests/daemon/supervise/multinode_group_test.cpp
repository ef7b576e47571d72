// SPDX-License-Identifier: Apache-2.0
// The documented meaning of LAVA's multi-node API, call by call.
#include "daemon/supervise/multinode_group.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Kind = GroupCall::Kind;

/// A server (1) and two clients (2, 3).
class MultinodeGroupTest : public ::testing::Test {
protected:
    MultinodeGroup group{{{JobId{1}, "server"}, {JobId{2}, "client"}, {JobId{3}, "client"}}};
    std::map<std::int64_t, std::int64_t> numbers;

    /// Takes the call; the jobs that it answered.
    std::vector<std::int64_t> call(std::int64_t job, Kind kind, std::string id = "m", std::string role = "",
                                   std::vector<std::pair<std::string, std::string>> data = {}) {
        std::vector<std::int64_t> answered;
        for (const auto part : group.take(JobId{job}, {++numbers[job], kind, id, role, std::move(data)}))
            answered.push_back(part.value);
        return answered;
    }
    std::vector<std::int64_t> send(std::int64_t job, std::string key, std::string value, std::string id = "m") {
        return call(job, Kind::send, id, "", {{std::move(key), std::move(value)}});
    }
    /// "1:ip=x 2:ip=y" of the latest call; "waits" without an answer.
    std::string answer(std::int64_t job) {
        const auto answer = group.answer(JobId{job});
        if (!answer) return "waits";
        if (!answer->refused.empty()) return "refused: " + answer->refused;
        EXPECT_EQ(answer->number, numbers[job]);
        std::string text;
        for (const auto& item : answer->items)
            text += (text.empty() ? "" : " ") + item.sender + ":" + item.key + "=" + item.value;
        return text;
    }
};

TEST_F(MultinodeGroupTest, NobodyHasJoinedBeforeAllHave) {
    EXPECT_THAT(call(1, Kind::join), IsEmpty());
    EXPECT_THAT(call(3, Kind::join), IsEmpty());
    EXPECT_EQ(answer(1), "waits");
    EXPECT_THAT(call(2, Kind::join), ElementsAre(1, 2, 3));
}

TEST_F(MultinodeGroupTest, ASendWaitsForNobody) {
    EXPECT_THAT(send(1, "ip", "a"), ElementsAre(1));
    EXPECT_EQ(answer(1), "");
}

TEST_F(MultinodeGroupTest, AWaitEndsWithTheFirstMessageOfItsId) {
    EXPECT_THAT(call(2, Kind::wait), IsEmpty());
    EXPECT_THAT(send(1, "ip", "a", "other"), ElementsAre(1));
    EXPECT_EQ(answer(2), "waits");
    EXPECT_THAT(send(1, "ip", "a"), ElementsAre(1, 2));
    EXPECT_EQ(answer(2), "1:ip=a");
}

TEST_F(MultinodeGroupTest, AMessageStaysAndFurtherOnesAreAddedToIt) {
    send(1, "ip", "a");
    send(1, "port", "80");
    send(3, "ip", "c");
    send(1, "ip", "b");
    EXPECT_THAT(call(2, Kind::wait), ElementsAre(2));
    EXPECT_EQ(answer(2), "1:ip=b 1:port=80 3:ip=c") << "of one key the later value";
    EXPECT_THAT(call(2, Kind::wait), ElementsAre(2)) << "and again";
}

TEST_F(MultinodeGroupTest, WhoSentAMessageHasItToo) {
    send(1, "ip", "a");
    EXPECT_THAT(call(1, Kind::wait), ElementsAre(1));
    EXPECT_EQ(answer(1), "1:ip=a");
}

TEST_F(MultinodeGroupTest, AMessageWithoutValuesIsOne) {
    call(1, Kind::send);
    EXPECT_THAT(call(2, Kind::wait), ElementsAre(2));
    EXPECT_EQ(answer(2), "");
}

TEST_F(MultinodeGroupTest, WaitAllWaitsForAllOthersAlsoWhenNobodyHasSentYet) {
    EXPECT_THAT(call(1, Kind::wait_all), IsEmpty()) << "LAVA's coordinator says nack";
    EXPECT_THAT(send(2, "ip", "b"), ElementsAre(2));
    EXPECT_THAT(send(3, "ip", "c"), ElementsAre(1, 3)) << "without a message of its own";
    EXPECT_EQ(answer(1), "2:ip=b 3:ip=c");
}

TEST_F(MultinodeGroupTest, WaitAllHasTheValuesOfAllWhoSent) {
    send(1, "ip", "a");
    send(2, "ip", "b");
    send(3, "ip", "c");
    EXPECT_THAT(call(1, Kind::wait_all), ElementsAre(1));
    EXPECT_EQ(answer(1), "1:ip=a 2:ip=b 3:ip=c");
}

TEST_F(MultinodeGroupTest, WaitAllWithARoleWaitsForEveryPartOfIt) {
    EXPECT_THAT(call(1, Kind::wait_all, "m", "client"), IsEmpty());
    EXPECT_THAT(send(2, "ip", "b"), ElementsAre(2)) << "LAVA's coordinator looks at the first client only";
    EXPECT_THAT(send(3, "ip", "c"), ElementsAre(1, 3));
    EXPECT_EQ(answer(1), "2:ip=b 3:ip=c");
    EXPECT_THAT(call(2, Kind::wait_all, "m", "server"), IsEmpty());
    EXPECT_THAT(send(1, "ip", "a"), ElementsAre(1, 2));
}

TEST_F(MultinodeGroupTest, WaitAllWithTheCallersRoleWaitsForTheOthersOfIt) {
    EXPECT_THAT(call(2, Kind::wait_all, "m", "client"), IsEmpty());
    EXPECT_THAT(send(3, "ip", "c"), ElementsAre(2, 3));
    EXPECT_THAT(call(1, Kind::wait_all, "x", "server"), ElementsAre(1)) << "there is no other server";
}

TEST_F(MultinodeGroupTest, ARoleThatNobodyHasIsRefused) {
    EXPECT_THAT(call(1, Kind::wait_all, "m", "router"), ElementsAre(1));
    EXPECT_THAT(answer(1), HasSubstr("refused: no part of this group has the role 'router'"));
}

TEST_F(MultinodeGroupTest, ASyncEndsWhenAllHaveComeAndCanBeUsedAgain) {
    for (int round = 0; round < 3; ++round) {
        EXPECT_THAT(call(1, Kind::sync), IsEmpty()) << round;
        EXPECT_THAT(call(2, Kind::sync), IsEmpty());
        EXPECT_THAT(call(3, Kind::sync), ElementsAre(1, 2, 3));
    }
}

TEST_F(MultinodeGroupTest, SyncsOfDifferentIdsAndMessagesDoNotMix) {
    call(1, Kind::sync, "a");
    call(2, Kind::sync, "b");
    EXPECT_THAT(call(3, Kind::sync, "a"), IsEmpty());
    EXPECT_THAT(call(2, Kind::sync, "a"), ElementsAre(1, 2, 3)) << "the second gave up on b";
    send(1, "k", "v", "c");
    EXPECT_THAT(call(1, Kind::sync, "c"), IsEmpty());
    EXPECT_THAT(call(3, Kind::wait, "a"), IsEmpty()) << "a sync is no message";
}

TEST_F(MultinodeGroupTest, WhoComesTwiceToASyncCountsOnce) {
    call(1, Kind::sync);
    call(1, Kind::sync);
    EXPECT_THAT(call(2, Kind::sync), IsEmpty());
    EXPECT_THAT(call(3, Kind::sync), ElementsAre(1, 2, 3));
    EXPECT_EQ(group.answer(JobId{1})->number, 2) << "the call that it waits for";
}

TEST_F(MultinodeGroupTest, ACallThatWasHeardIsNotHeardAgain) {
    send(1, "ip", "a");
    const auto again = group.take(JobId{1}, {1, Kind::send, "m", "", {{"ip", "b"}}});
    EXPECT_THAT(again, IsEmpty());
    call(2, Kind::wait);
    EXPECT_EQ(answer(2), "1:ip=a");
}

TEST_F(MultinodeGroupTest, AStrangerIsNotHeard) {
    EXPECT_THAT(group.take(JobId{9}, {1, Kind::send, "m", "", {}}), IsEmpty());
    EXPECT_THAT(call(1, Kind::wait), IsEmpty());
    EXPECT_FALSE(group.answer(JobId{9}));
}

TEST_F(MultinodeGroupTest, WhatIsTooMuchForOneIdIsRefusedAndTheRestStays) {
    const std::string value(60'000, 'x');
    for (const char* key : {"a", "b", "c", "d"}) send(1, key, value);
    EXPECT_EQ(answer(1), "");
    send(2, "e", value);
    EXPECT_THAT(answer(2), HasSubstr("at most 262144 are kept"));
    send(2, "e", value, "another");
    EXPECT_EQ(answer(2), "");
    call(3, Kind::wait);
    EXPECT_EQ(group.answer(JobId{3})->items.size(), 4u);
}

TEST_F(MultinodeGroupTest, TheSameCallsGiveTheSameAnswers) {
    // As after a restart of the daemon: the calls are taken again from the store.
    const std::vector<std::pair<std::int64_t, GroupCall>> calls{
        {1, {1, Kind::join, "", "", {}}},  {2, {1, Kind::join, "", "", {}}},
        {3, {1, Kind::join, "", "", {}}},  {1, {2, Kind::send, "m", "", {{"ip", "a"}}}},
        {2, {2, Kind::wait, "m", "", {}}}, {1, {3, Kind::send, "m", "", {{"ip", "b"}}}},
        {3, {2, Kind::sync, "s", "", {}}},
    };
    const std::map<JobId, std::string> roles{{JobId{1}, "server"}, {JobId{2}, "client"}, {JobId{3}, "client"}};
    MultinodeGroup first{roles}, second{roles};
    for (const auto& [job, call] : calls) first.take(JobId{job}, call);
    for (const auto& [job, call] : calls) second.take(JobId{job}, call);
    for (std::int64_t job = 1; job <= 3; ++job) EXPECT_EQ(first.answer(JobId{job}), second.answer(JobId{job}));
    EXPECT_EQ(second.answer(JobId{2})->items.front().value, "a") << "what was true when it came true";
    EXPECT_FALSE(second.answer(JobId{3}));
}

TEST(GroupCall, ComesBackFromTheJournalAsItWas) {
    const GroupCall call{7, Kind::send, "m1", "", {{"ip", "192.0.2.1"}, {"txt", "a \"b\" \\ \x01 é"}}};
    const auto read = read_group_call(encode(call));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->number, 7);
    EXPECT_EQ(read->kind, Kind::send);
    EXPECT_EQ(read->id, "m1");
    EXPECT_EQ(read->data, call.data);
    EXPECT_EQ(encode(GroupCall{3, Kind::wait_all, "done", "client", {}}),
              R"({"call":"wait_all","number":3,"id":"done","role":"client"})");
    for (const auto* nonsense : {"", "{}", "[]", R"({"call":"fly","number":1})", R"({"call":"send","number":"x"})",
                                 R"({"call":"send","number":1,"data":[["k"]]})"})
        EXPECT_FALSE(read_group_call(nonsense)) << nonsense;
}

TEST(GroupAnswer, ComesBackFromTheSocketAsItWas) {
    const GroupAnswer answer{3, "", {{"101", "ip", "a b"}, {"102", "", ""}}};
    EXPECT_EQ(read_group_answer(encode(answer)), answer);
    const GroupAnswer refusal{4, "why", {}};
    EXPECT_EQ(read_group_answer(encode(refusal)), refusal);
    for (const auto* nonsense : {"", "{}", R"({"cancel":"x"})", R"({"answer":1,"items":[["a","b"]]})"})
        EXPECT_FALSE(read_group_answer(nonsense)) << nonsense;
}

}  // namespace
}  // namespace patchbay
