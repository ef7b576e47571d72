// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/notify_map.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

Notify read(const std::string& yaml) {
    auto notify = notify_of("job_name: x\nnotify:\n" + yaml);
    if (!notify) throw std::runtime_error{"no notify map"};
    return *notify;
}

TEST(NotifyMap, AJobThatAsksForNothingHasNone) {
    EXPECT_FALSE(notify_of("job_name: x\n"));
    EXPECT_FALSE(notify_of("notify: 7\n"));
    EXPECT_FALSE(notify_of("notify:\n  verbosity: quiet\n")) << "criteria are required";
    EXPECT_FALSE(notify_of("a: [\nnotify:\n")) << "no YAML";
    EXPECT_FALSE(notify_of("job_name: x\nactions:\n- deploy:\n    notify:\n      criteria: {status: all}\n"));
    EXPECT_TRUE(notify_of("notify:\n  criteria: {status: all}\n"));
}

TEST(NotifyMap, DefaultsAreThoseOfLava) {
    const auto notify = read("  criteria: {status: finished}\n  callback: {url: 'http://a/'}\n");
    ASSERT_EQ(notify.callbacks.size(), 1u);
    const auto& callback = notify.callbacks[0];
    EXPECT_EQ(callback.method, CallbackMethod::get);
    EXPECT_EQ(callback.header, "Authorization");
    EXPECT_EQ(callback.token, "");
    EXPECT_EQ(callback.dataset, Dataset::minimal);
    EXPECT_EQ(callback.content_type, ContentType::urlencoded);
    EXPECT_EQ(notify.verbosity, Verbosity::quiet);
    EXPECT_EQ(notify.criteria.change, NotifyChange::any);
    EXPECT_FALSE(notify.mails_submitter());
}

TEST(NotifyMap, EveryKeyIsRead) {
    const auto notify = read(R"(  criteria: {status: incomplete, type: regression, dependency_query: testjob__id__1}
  verbosity: status-only
  callbacks:
  - {url: 'http://a/', method: POST, token: t, header: X-Token, dataset: all, content-type: json}
  - {url: 'http://b/', method: GET, dataset: logs, content-type: urlencoded}
  - {url: 'http://c/', dataset: results}
  recipients:
  - to: {method: email, user: alice}
  - to: {method: email, email: bob@lab.example}
  - to: {method: irc, handle: carol, server: irc.example}
  compare:
    query: {entity: testjob, conditions: {submitter: alice, health: Complete}}
    blacklist: [0_smoke, noisy-case]
)");
    EXPECT_EQ(notify.criteria.status, NotifyStatus::incomplete);
    EXPECT_EQ(notify.criteria.change, NotifyChange::regression);
    EXPECT_EQ(notify.criteria.dependency_query, "testjob__id__1");
    EXPECT_EQ(notify.verbosity, Verbosity::status_only);
    ASSERT_EQ(notify.callbacks.size(), 3u);
    EXPECT_EQ(notify.callbacks[0].method, CallbackMethod::post);
    EXPECT_EQ(notify.callbacks[0].token, "t");
    EXPECT_EQ(notify.callbacks[0].header, "X-Token");
    EXPECT_EQ(notify.callbacks[0].dataset, Dataset::all);
    EXPECT_EQ(notify.callbacks[0].content_type, ContentType::json);
    EXPECT_EQ(notify.callbacks[1].dataset, Dataset::logs);
    EXPECT_EQ(notify.callbacks[2].dataset, Dataset::results);
    ASSERT_EQ(notify.recipients.size(), 3u);
    EXPECT_EQ(notify.recipients[0].user, "alice");
    EXPECT_EQ(notify.recipients[1].email, "bob@lab.example");
    EXPECT_EQ(notify.recipients[2].method, Recipient::Method::irc);
    EXPECT_EQ(notify.recipients[2].handle, "carol");
    EXPECT_EQ(notify.comparison.conditions, "submitter__alice,health__Complete");
    EXPECT_EQ(notify.comparison.blacklist, (std::vector<std::string>{"0_smoke", "noisy-case"}));
}

TEST(NotifyMap, EveryWordHasItsMeaning) {
    const std::pair<const char*, NotifyStatus> statuses[] = {
        {"running", NotifyStatus::running},   {"finished", NotifyStatus::finished},
        {"all", NotifyStatus::all},           {"complete", NotifyStatus::complete},
        {"canceled", NotifyStatus::canceled}, {"incomplete", NotifyStatus::incomplete}};
    for (const auto& [word, status] : statuses)
        EXPECT_EQ(read("  criteria: {status: " + std::string{word} + "}\n").criteria.status, status) << word;
    EXPECT_EQ(read("  criteria: {status: complete, type: progression}\n").criteria.change, NotifyChange::progression);
    EXPECT_EQ(read("  criteria: {status: complete}\n  verbosity: verbose\n").verbosity, Verbosity::verbose);
}

TEST(NotifyMap, WhoNamesNobodyMeansTheSubmitter) {
    EXPECT_TRUE(read("  criteria: {status: all}\n").mails_submitter());
    EXPECT_FALSE(read("  criteria: {status: all}\n  callbacks: [{url: x}]\n").mails_submitter());
    EXPECT_FALSE(read("  criteria: {status: all}\n  recipients: [{to: {method: irc}}]\n").mails_submitter());
}

}  // namespace
}  // namespace patchbay
