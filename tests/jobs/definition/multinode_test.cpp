// SPDX-License-Identifier: Apache-2.0
// A multinode job becomes one job for each machine, in LAVA's words.
#include "jobs/definition/multinode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "jobs/definition/definition.hpp"
#include "jobs/definition/submission.hpp"
#include "tests/core/config/typed_json.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

config::Map map_of(std::string_view yaml) { return *config::parse_yaml(yaml).as_map(); }

/// A job whose every action is for both roles, with these roles.
config::Map job_with(const std::string& roles) {
    return map_of(
        "job_name: m\nvisibility: public\ntimeouts: {job: {minutes: 5}}\nactions:\n"
        "- deploy: {role: [a, b], to: tmpfs}\nprotocols: {lava-multinode: {roles: " +
        roles + "}}\n");
}

std::string refusal_of(const std::string& roles) {
    try {
        split_multinode(job_with(roles), "group");
    } catch (const SubmissionError& error) {
        return error.what();
    }
    return "taken";
}

// Two roles, one of them essential.
constexpr auto example = R"(
job_name: multi
visibility: public
timeouts: {job: {minutes: 10}, action: {minutes: 5}, connection: {minutes: 2}}
protocols:
  lava-multinode:
    timeout: {minutes: 3}
    roles:
      server: {device_type: qemu, count: 1, essential: true, context: {arch: amd64}}
      client: {device_type: qemu, count: 1, tags: [usb]}
actions:
- deploy: {role: [server, client], to: tmpfs, images: {}}
- boot: {role: [server, client], method: qemu, prompts: ['#']}
- test: {role: [client], definitions: []}
)";

TEST(Multinode, EachRoleGetsItsActionsAndWhatTheJobSaysForAll) {
    const auto parts = split_multinode(map_of(example), "1bb7ed15");
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_EQ(parts[1].role, "client");
    EXPECT_EQ(parts[1].tags, std::vector<std::string>{"usb"});
    EXPECT_FALSE(parts[1].essential);
    EXPECT_TRUE(parts[0].essential);
    EXPECT_EQ(config::Value{parts[1].definition}, config::parse_yaml(R"(
actions:
- deploy: {role: client, to: tmpfs, images: {}}
- boot: {role: client, method: qemu, prompts: ['#']}
- test: {role: client, definitions: []}
job_name: multi
timeouts: {job: {minutes: 10}, action: {minutes: 5}, connection: {minutes: 2}}
visibility: public
device_type: qemu
protocols:
  lava-multinode:
    role: client
    tags: [usb]
    timeout: {minutes: 3}
    target_group: 1bb7ed15
    group_size: 2
    sub_id: 1
)"));
    EXPECT_EQ(parts[0].definition.find("context")->find("arch")->as_string()->compare("amd64"), 0);
    EXPECT_EQ(parts[0].definition.find("actions")->as_list()->size(), 2u) << "the test is the client's";
}

TEST(Multinode, ARecordedJobIsSplitAsLavaDid) {
    const std::string folder = PATCHBAY_SOURCE_DIR "/tests/compat/golden/g-multinode/";
    const auto job = map_of(testing::read_text(folder + "job.yaml"));
    const auto parts = split_multinode(job, "4471eb51-5894-4d12-af65-be195d60e6a4");
    ASSERT_EQ(parts.size(), 2u);
    const std::map<JobId, std::string> roles{{JobId{45}, "server"}, {JobId{46}, "client"}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto recorded = config::parse_json(testing::read_text(folder + "node" + std::to_string(i) + "-job.json"));
        const auto text = config::dump_yaml(parts[i].definition, config::KeyOrder::sorted);
        EXPECT_EQ(text, *recorded.find("original_definition")->as_string());
        EXPECT_EQ(with_roles(text, roles), *recorded.find("definition")->as_string());
    }
}

TEST(Multinode, ACountMakesSoManyJobsAndNumbersThemAll) {
    const auto parts = split_multinode(job_with("{a: {device_type: x, count: 2}, b: {device_type: y, count: 1}}"), "g");
    ASSERT_EQ(parts.size(), 3u);
    EXPECT_EQ(parts[1].role, "a");
    EXPECT_EQ(parts[2].device_type, "y");
    for (std::int64_t i = 0; i < 3; ++i) {
        const auto& member = *parts[i].definition.find("protocols")->find("lava-multinode");
        EXPECT_EQ(*member.find("sub_id"), config::Value{i});
        EXPECT_EQ(*member.find("group_size"), config::Value{3});
    }
}

TEST(Multinode, TheJobsTimeOutForCallsBeatsTheRoles) {
    auto job = job_with("{a: {device_type: x, count: 1, timeout: {minutes: 9}}, b: {device_type: x, count: 1}}");
    job.find("protocols")->as_map()->find("lava-multinode")->as_map()->set("timeout", map_of("minutes: 2"));
    const auto parts = split_multinode(job, "g");
    EXPECT_EQ(read_multinode(config::Value{parts[0].definition})->timeout, 2min);
}

TEST(Multinode, WhatNobodyCouldRunIsRefusedByName) {
    const std::pair<std::string, std::string> rows[] = {
        {"{}", "no role asks for a machine"},
        {"{a: {device_type: x, count: 0}}", "no role asks for a machine"},
        {"{a: {device_type: x}}", "role 'a': 'count' is missing"},
        {"{a: text}", "role 'a': 'count' is missing"},
        {"{a: {device_type: x, count: -1}}", "role 'a': 'count' is -1; it must be 0 or more"},
        {"{a: {device_type: x, count: two}}", "role 'a': 'count' is two"},
        {"{a: {count: 1}}", "role 'a': 'device_type' is missing"},
        {"{a: {device_type: x, count: 1}, b: {connection: ssh, count: 1}}", "role 'b': roles with 'connection'"},
        {"{a: {device_type: x, count: 60}, b: {device_type: x, count: 41}}", "more than 100 machines"},
        {"{a: {device_type: x, count: 9223372036854775807}, b: {device_type: x, count: 9223372036854775807}}",
         "more than 100 machines"},
        {"{a: {device_type: x, count: 1}, b: {device_type: x, count: 1, request: lava-start, expect_role: b}}",
         "role 'b': 'expect_role' is the role itself"},
        {"{a: {device_type: x, count: 1}, c: {device_type: x, count: 1}}", "role 'c': no action names it"},
    };
    for (const auto& [roles, expected] : rows) EXPECT_THAT(refusal_of(roles), HasSubstr(expected)) << roles;
    EXPECT_EQ(refusal_of("{a: {device_type: x, count: 100}, c: {device_type: x, count: 0}}"), "taken");
}

TEST(Multinode, APartKnowsItsGroup) {
    const auto job = parse_definition(R"(
timeouts: {job: {minutes: 5}}
environment: {A: one, B: two}
actions: [{test: {role: client, definitions: []}}]
protocols:
  lava-multinode:
    target_group: g
    role: client
    group_size: 3
    environment: {B: mine}
    tags: [usb]
    roles: {'10': client, '11': server, '9': client}
)");
    ASSERT_TRUE(job.multinode);
    EXPECT_EQ(job.multinode->role, "client");
    EXPECT_EQ(job.multinode->timeout, 30s) << "LAVA's default";
    const std::vector<std::pair<std::string, std::string>> roles{{"9", "client"}, {"10", "client"}, {"11", "server"}};
    EXPECT_EQ(job.multinode->roles, roles);
    EXPECT_EQ(config::Value{job.environment}, config::parse_yaml("{A: one, B: mine}"));
    EXPECT_EQ(job.tags, std::vector<std::string>{"usb"});
}

TEST(Multinode, ARoleThatIsStartedByAnotherSaysHowLongItWaits) {
    const auto delayed = [](const std::string& more) {
        return read_multinode(config::parse_yaml(
            "protocols: {lava-multinode: {target_group: g, role: guest, request: lava-start, expect_role: host" + more +
            "}}"));
    };
    EXPECT_EQ(delayed("")->start_after, "host");
    EXPECT_EQ(delayed("")->start_timeout, 90s);
    EXPECT_EQ(delayed(", timeout: {minutes: 4}")->start_timeout, 4min);
}

TEST(Multinode, AJobThatIsNotSplitIsNoPart) {
    EXPECT_TRUE(is_multinode(map_of(example)));
    EXPECT_FALSE(read_multinode(config::parse_yaml(example)));
    EXPECT_FALSE(is_multinode(map_of("protocols: {lava-xnbd: {port: auto}}")));
}

}  // namespace
}  // namespace patchbay
