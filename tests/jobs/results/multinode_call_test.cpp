// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/multinode_call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "jobs/results/test_run.hpp"
#include "tests/jobs/results/effects.hpp"

namespace patchbay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Kind = GroupCall::Kind;

GroupCall parsed(std::string_view name, std::string_view parameters) {
    auto call = parse_multinode_call(name, parameters);
    if (const auto* error = std::get_if<SignalError>(&call)) throw std::runtime_error{error->text};
    return std::get<GroupCall>(call);
}

std::string problem(std::string_view name, std::string_view parameters) {
    auto call = parse_multinode_call(name, parameters);
    const auto* error = std::get_if<SignalError>(&call);
    return error ? error->text : "";
}

TEST(MultinodeCall, HasLavasNamesAndCases) {
    EXPECT_EQ(parsed("SYNC", "ready").kind, Kind::sync);
    EXPECT_EQ(parsed("WAIT", "m1").kind, Kind::wait);
    EXPECT_EQ(case_of(parsed("SYNC", "ready")), "multinode-sync-ready");
    const auto all = parsed("WAIT_ALL", "done client\r");
    EXPECT_EQ(all.role, "client");
    EXPECT_EQ(case_of(all), "multinode-wait_all-done");
    EXPECT_EQ(parsed("WAIT_ALL", "done").role, "");
}

TEST(MultinodeCall, ValuesOfASendMayHaveBlanks) {
    const auto call = parsed("SEND", "m1 ip=192.0.2.1 txt=hello, dear x= a=b=c");
    EXPECT_EQ(call.id, "m1");
    const std::vector<std::pair<std::string, std::string>> data{
        {"ip", "192.0.2.1"}, {"txt", "hello, dear"}, {"x", ""}, {"a", "b=c"}};
    EXPECT_EQ(call.data, data);
    EXPECT_THAT(parsed("SEND", "done").data, IsEmpty());
}

TEST(MultinodeCall, NonsenseIsNamed) {
    EXPECT_THAT(problem("FLY", "home"), HasSubstr("unknown multinode call: \"FLY\""));
    EXPECT_THAT(problem("WAIT", "  "), HasSubstr("without an id"));
    EXPECT_THAT(problem("SEND", "m1 what ip=1"), HasSubstr("'what', which is no key=value"));
}

TEST(MultinodeReply, IsOneLineInLavasWords) {
    const std::vector<GroupItem> items{{"101", "ip", "192.0.2.1"}, {"101", "txt", "hello"}, {"102", "ip", "192.0.2.2"}};
    EXPECT_THAT(reply_lines(parsed("WAIT", "m"), items),
                ElementsAre("<LAVA_WAIT_COMPLETE 101:ip=192.0.2.1 101:txt=hello 102:ip=192.0.2.2>"));
    EXPECT_THAT(reply_lines(parsed("WAIT_ALL", "m"), {}), ElementsAre("<LAVA_WAIT_ALL_COMPLETE>"));
    EXPECT_THAT(reply_lines(parsed("SYNC", "m"), {}), ElementsAre("<LAVA_SYNC_COMPLETE>"));
    EXPECT_THAT(reply_lines(parsed("SEND", "m"), {}), IsEmpty());
}

TEST(MultinodeReply, WhatNoLineHoldsComesInItems) {
    const std::string half(2'500, 'x');
    EXPECT_THAT(
        reply_lines(parsed("WAIT", "m"), {{"1", "a", half}, {"2", "b", half}}),
        ElementsAre("<LAVA_WAIT_ITEM 1:a=" + half + ">", "<LAVA_WAIT_ITEM 2:b=" + half + ">", "<LAVA_WAIT_COMPLETE>"));
    EXPECT_THAT(reply_lines(parsed("WAIT", "m"), {{"1", "a", "at 12:30"}}),
                ElementsAre("<LAVA_WAIT_ITEM 1:a=at 12:30>", "<LAVA_WAIT_COMPLETE>"))
        << "the target would take 12:30 for a value of job 12";
    EXPECT_THAT(reply_lines(parsed("WAIT", "m"), {{"1", "a", "at noon: 1"}}), ElementsAre(HasSubstr("at noon: 1>")));
    EXPECT_THROW(reply_lines(parsed("WAIT", "m"), {{"1", "a", std::string(4'100, 'x')}}), TestError);
}

/// A run of a part, and what it prints.
struct Part {
    TestRun run{[] {
        TestRunSettings settings;
        settings.multinode = true;
        return settings;
    }()};
    Matcher matcher;
    std::vector<std::string> print(std::string_view output) {
        std::vector<std::string> lines;
        matcher.feed(output);
        while (const auto match = matcher.search(run.patterns(), AtEnd::take))
            for (const auto& effect : run.feed(*match, {}, 100)) {
                if (const auto* call = std::get_if<GroupCallEffect>(&effect)) lines.push_back(encode(call->call));
            }
        return lines;
    }
};

TEST(MultinodeRun, FindsACallHoweverTheBytesAreCut) {
    const std::string stream =
        "<LAVA_SIGNAL_STARTRUN 0_t 1_1>\r\n<LAVA_SEND_DEBUG x preparing now>\r\n"
        "<LAVA_MULTI_NODE> <LAVA_SEND m1 ip=1>\r\n<LAVA_SEND_DEBUG x finished now>\r\n";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        Part part;
        auto calls = part.print(std::string_view{stream}.substr(0, cut));
        for (auto& call : part.print(std::string_view{stream}.substr(cut))) calls.push_back(std::move(call));
        EXPECT_THAT(calls, ElementsAre(R"({"call":"send","number":0,"id":"m1","data":[["ip","1"]]})")) << cut;
    }
}

TEST(MultinodeRun, AMessageLongerThanTwoReadsIsFound) {
    Part part;
    const std::string call = "<LAVA_MULTI_NODE> <LAVA_SEND m1 k=" + std::string(60'000, 'x') + ">\r\n";
    std::vector<std::string> calls;
    for (std::size_t at = 0; at < call.size(); at += 1000)
        for (auto& found : part.print(std::string_view{call}.substr(at, 1000))) calls.push_back(std::move(found));
    ASSERT_EQ(calls.size(), 1u);
    EXPECT_GT(calls[0].size(), 60'000u);
}

TEST(MultinodeRun, TheEchoOfAReplyIsNoCall) {
    Part part;
    EXPECT_THAT(part.print("<LAVA_WAIT_COMPLETE 101:ip=1>\r\n<LAVA_SYNC_COMPLETE>\r\n"), IsEmpty());
}

TEST(MultinodeRun, TheCaseOfACallBelongsToTheDefinitionThatRuns) {
    Part part;
    part.print("<LAVA_SIGNAL_STARTRUN 0_t 1_1>\r\n");
    const auto call = parsed("SYNC", "ready");
    const auto passed = part.run.call_answered(call, true, 7);
    ASSERT_EQ(passed.size(), 1u);
    const auto* result = std::get_if<ResultEffect>(&passed[0]);
    ASSERT_TRUE(result);
    EXPECT_EQ(
        config::Value{result->map},
        (config::Value{config::Map{{"definition", "0_t"}, {"case", "multinode-sync-ready"}, {"result", "pass"}}}));
    const auto failed = part.run.call_answered(call, false, 8);
    EXPECT_EQ(*std::get<ResultEffect>(failed.at(0)).map.find("result"), config::Value{"fail"});
}

TEST(MultinodeRun, OtherJobsDoNotLookForCalls) {
    TestRun run{TestRunSettings{}};
    Matcher matcher;
    matcher.feed("<LAVA_MULTI_NODE> <LAVA_SYNC ready>\r\n");
    EXPECT_FALSE(matcher.search(run.patterns(), AtEnd::take));
}

}  // namespace
}  // namespace patchbay
