// SPDX-License-Identifier: Apache-2.0
#include "daemon/notify/job_conditions.hpp"

#include <gtest/gtest.h>

#include "core/errors.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

TEST(JobConditions, EachFindsTheJobsThatItMeans) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    const auto bob = lab.add_user("bob");
    lab.add_devices({a_device("qemu-01")});
    auto one = a_job(alice, "qemu", 10);
    one.description = "Boot test";
    one.metadata = R"({"branch": "main"})";
    lab.add_job(one);
    auto two = a_job(bob, "board", 90);
    two.description = "other__test";
    two.metadata = R"({"branch": "Next"})";
    lab.add_job(two);
    auto finish = [](Database& db) { Jobs{db}.finish(JobId{2}, JobHealth::incomplete, wall_now()); };
    lab.write(finish);
    const auto found = [&](const std::string& text) {
        Query query;
        query.conditions = parse_job_conditions(text);
        std::string ids;
        for (const auto id : Jobs{lab.reader()}.ids(query, {{}, true})) ids += std::to_string(id.value);
        return ids;
    };
    EXPECT_EQ(found("testjob__submitter__exact__alice"), "1");
    EXPECT_EQ(found("submitter__alice"), "1") << "model and operator may be left out";
    EXPECT_EQ(found("testjob__submitter__ne__alice"), "2");
    EXPECT_EQ(found("testjob__submitter__iexact__ALICE"), "1");
    EXPECT_EQ(found("testjob__state__Finished"), "2");
    EXPECT_EQ(found("testjob__health__exact__Incomplete"), "2");
    EXPECT_EQ(found("testjob__health__ne__Incomplete"), "1");
    EXPECT_EQ(found("testjob__priority__gt__10"), "2");
    EXPECT_EQ(found("testjob__priority__lt__90"), "1");
    EXPECT_EQ(found("testjob__id__exact__1"), "1");
    EXPECT_EQ(found("testjob__requested_device_type__exact__board"), "2");
    EXPECT_EQ(found("testjob__description__icontains__TEST"), "21");
    EXPECT_EQ(found("testjob__description__other__test"), "2") << "a value may have the two marks, too";
    EXPECT_EQ(found("testjob__health_check__False"), "21");
    EXPECT_EQ(found("namedtestattribute__branch__exact__main"), "1");
    EXPECT_EQ(found("namedtestattribute__branch__iexact__next"), "2");
    EXPECT_EQ(found("testjob__submitter__bob,testjob__priority__exact__90"), "2");
    EXPECT_EQ(found("testjob__submitter__bob,testjob__priority__exact__10"), "");
    EXPECT_EQ(found(""), "21");
}

TEST(JobConditions, ControlCharactersAreRefusedWhereverTheyStand) {
    using namespace std::string_literals;
    for (const auto& text : {"namedtestattribute__a\0b__exact__x"s, "testjob__submitter__exact__a\x7F"s, "\n"s})
        EXPECT_THROW(parse_job_conditions(text), JobError) << text;
}

TEST(JobConditions, TextsOfDefinitionsCannotBeAsked) {
    for (const std::string field : {"definition", "original_definition", "metadata", "failure_comment"}) {
        EXPECT_THROW(parse_job_conditions("testjob__" + field + "__icontains__x"), JobError) << field;
        EXPECT_THROW(parse_job_conditions(field + "__x"), JobError) << field;
    }
}

TEST(JobConditions, WhatMeansNothingIsNamed) {
    for (const char* text :
         {"testjob__nonsense__exact__1", "testjob__state__exact__Done", "testjob__id__exact__x",
          "testjob__state__gt__1", "testcase__name__exact__x", "testjob", "x", ",", "testjob__start_time__gt__now"}) {
        try {
            parse_job_conditions(text);
            ADD_FAILURE() << text << " was taken";
        } catch (const JobError& error) {
            EXPECT_NE(std::string{error.what()}.find("this lab knows no such query"), std::string::npos)
                << error.what();
        }
    }
    std::string many = "testjob__id__1";
    for (int i = 0; i < 20; ++i) many += ",testjob__id__1";
    EXPECT_THROW(parse_job_conditions(many), JobError);
}

}  // namespace
}  // namespace patchbay
