// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/definition.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;

TEST(Definition, ARecordedJobIsReadWithItsTypes) {
    const auto job = parse_definition(testing::read_text(PATCHBAY_SOURCE_DIR "/tests/compat/golden/a-shell/job.yaml"));
    ASSERT_GE(job.actions.size(), 3U);
    EXPECT_EQ(job.actions[0].kind, ActionBlock::Kind::deploy);
    EXPECT_EQ(job.actions[1].kind, ActionBlock::Kind::boot);
    EXPECT_EQ(job.actions[2].kind, ActionBlock::Kind::test);
    EXPECT_GT(job.timeouts.job, 0s);
}

constexpr const char* small = R"(
job_name: x
visibility: public
priority: high
tags: [usb, 5]
secrets: {token: abc, pin: 12, none: null}
timeouts:
  job: {hours: 1, minutes: 30}
  action: {}
  actions: {lava-test-shell: {seconds: 40}}
actions:
- deploy: {to: tmpfs, namespace: host, timeout: {minutes: 2, skip: true}, failure_retry: "3"}
- test: {timeouts: {lava-test-shell: {days: 1}}, repeat: 2, role: [client]}
)";

TEST(Definition, DurationsAreSumsAndZeroMeansTheDefault) {
    const auto job = parse_definition(small);
    EXPECT_EQ(job.timeouts.job, 90min);
    EXPECT_EQ(job.timeouts.action, 30s);
    EXPECT_FALSE(job.timeouts.connection);
    EXPECT_EQ(job.timeouts.actions.at("lava-test-shell"), 40s);
    EXPECT_EQ(job.actions[0].timeout, 2min);
    EXPECT_EQ(job.actions[1].timeouts.at("lava-test-shell"), 24h);
}

TEST(Definition, CommonKeysOfActionsAreTyped) {
    const auto job = parse_definition(small);
    EXPECT_EQ(job.tags, (std::vector<std::string>{"usb", "5"}));
    EXPECT_EQ(job.secrets[1].second, "12");
    EXPECT_EQ(job.secrets[2].second, "") << "not the word None, which the log would mask";
    EXPECT_EQ(job.actions[0].name_space, "host");
    EXPECT_TRUE(job.actions[0].skip_timeout);
    EXPECT_EQ(job.actions[0].failure_retry, 3);
    EXPECT_EQ(job.actions[1].name_space, "common");
    EXPECT_EQ(job.actions[1].repeat, 2);
}

TEST(Definition, WhatIsNoJobIsRefused) {
    for (const auto* text :
         {"", "text", "[1]", "a: [", "actions: []", "timeouts: {}\nactions: []", "timeouts: {job: 5}\nactions: []",
          "timeouts: {job: {minutes: 1}}", "timeouts: {job: {minutes: 1}}\nactions: {}",
          "timeouts: {job: {minutes: 1}}\nactions: []",
          "timeouts: {job: {minutes: 1}}\nactions: [{boot: {method: qemu}, test: {definitions: []}}]",
          "timeouts: {job: {minutes: 1}}\nactions: [x]", "timeouts: {job: {minutes: 1}}\nactions: [{}]",
          "timeouts: {job: {minutes: 1}}\nactions: [{reboot: {}}]",
          "timeouts: {job: {minutes: 1}}\nactions: [{boot: {failure_retry: 2, repeat: 2}}]"})
        EXPECT_THROW(parse_definition(text), JobError) << text;
}

TEST(Definition, EveryPrefixOfAJobIsReadOrRefused) {
    const std::string text = small;
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        try {
            parse_definition(text.substr(0, cut));
        } catch (const JobError&) {
        }
    }
}

}  // namespace
}  // namespace patchbay
