// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/callback_url.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

JobRow a_job() {
    JobRow job;
    job.id = JobId{42};
    job.description = "smoke & \"more\"";
    job.submit_time = WallTime{std::chrono::seconds{1'795'337'629} + std::chrono::microseconds{906732}};
    job.state = JobState::finished;
    job.health = JobHealth::incomplete;
    job.priority = 7;
    job.actual_device = "qemu-01";
    job.failure_comment = "secret";
    return job;
}

TEST(CallbackUrl, HolesAreFilledWithTheFactsOfTheJob) {
    const std::pair<const char*, const char*> facts[] = {
        {"{ID}", "42"},
        {"{ ID }", "42"},
        {"{STATUS}", "3"},
        {"{STATUS_STRING}", "incomplete"},
        {"{STATE}", "5"},
        {"{STATE_STRING}", "Finished"},
        {"{HEALTH}", "2"},
        {"{HEALTH_STRING}", "Incomplete"},
        {"{PRIORITY}", "7"},
        {"{DESCRIPTION}", "smoke%20%26%20%22more%22"},
        {"{ACTUAL_DEVICE}", "qemu-01"},
        {"{REQUESTED_DEVICE_TYPE}", "None"},
        {"{HEALTH_CHECK}", "False"},
        {"{SUB_ID}", ""},
        {"{TARGET_GROUP}", ""},
        {"{SUBMIT_TIME}", "2026-11-22%2008%3A53%3A49.906732%2B00%3A00"},
        {"{START_TIME}", "None"},
        {"{END_TIME}", "None"},
    };
    for (const auto& [hole, fact] : facts)
        EXPECT_EQ(callback_url("http://a/" + std::string{hole} + "/x", a_job()), "http://a/" + std::string{fact} + "/x")
            << hole;
    EXPECT_EQ(callback_url("http://a/{ID}-{PRIORITY}", a_job()), "http://a/42-7");
}

TEST(CallbackUrl, OtherAttributesOfTheJobStayHoles) {
    for (const char* name : {"TOKEN", "FAILURE_COMMENT", "DEFINITION", "SUBMITTER", "PK", "id", ""})
        EXPECT_EQ(callback_url("http://a/{" + std::string{name} + "}", a_job()),
                  "http://a/%7B" + std::string{name} + "%7D");
    EXPECT_EQ(callback_url("http://a/{ID", a_job()), "http://a/%7BID");
    EXPECT_EQ(callback_url("http://a/}{", a_job()), "http://a/%7D%7B");
}

TEST(CallbackUrl, WhatMustNotStandInAUrlIsEncodedAndTheRestStays) {
    EXPECT_EQ(callback_url("http://a/b c\"\n\xC3\xA4", a_job()), "http://a/b%20c%22%0A%C3%A4");
    const std::string whole = "https://u:p@h:1/p;x=1?a=b&c=%20#f!$'()*+,~[]";
    EXPECT_EQ(callback_url(whole, a_job()), whole);
}

TEST(CallbackUrl, AReceiverIsSchemeHostAndPort) {
    EXPECT_EQ(receiver_of("HTTP://Lab.Example:8080/a/b?c"), "http://lab.example:8080");
    EXPECT_EQ(receiver_of("https://user:pa@ss@host/x@y"), "https://host");
    EXPECT_EQ(receiver_of("http://host?x"), "http://host");
    EXPECT_EQ(receiver_of("http://[::1]:80/"), "http://[::1]:80");
    EXPECT_EQ(receiver_of("nonsense"), "nonsense");
    EXPECT_EQ(receiver_of(""), "");
}

TEST(CallbackUrl, TheOldStatusOfEveryStateIsLavas) {
    EXPECT_EQ(legacy_status(JobState::submitted, JobHealth::unknown).word, "submitted");
    EXPECT_EQ(legacy_status(JobState::scheduling, JobHealth::unknown).number, 0);
    EXPECT_EQ(legacy_status(JobState::scheduled, JobHealth::unknown).number, 0);
    EXPECT_EQ(legacy_status(JobState::running, JobHealth::unknown).number, 1);
    EXPECT_EQ(legacy_status(JobState::canceling, JobHealth::unknown).number, 5);
    EXPECT_EQ(legacy_status(JobState::finished, JobHealth::complete).number, 2);
    EXPECT_EQ(legacy_status(JobState::finished, JobHealth::incomplete).number, 3);
    EXPECT_EQ(legacy_status(JobState::finished, JobHealth::canceled).number, 4);
    EXPECT_EQ(legacy_status(JobState::finished, JobHealth::canceled).word, "canceled");
}

}  // namespace
}  // namespace patchbay
