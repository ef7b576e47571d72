// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/callback_body.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "daemon/api/exports/exports.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/old_jobs.hpp"
#include "daemon/store/results.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class CallbackBodyTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    JobId job = lab.add_job(a_job(lab.add_user("alice")));

    void log(int lines, const std::string& text) {
        auto append = [=, this](Database& db) {
            std::vector<std::string> records;
            for (int i = 0; i < lines; ++i)
                records.push_back(R"({"dt": "x", "lvl": "target", "msg": ")" + std::to_string(i) + text + R"("})");
            Logs{db}.append(job, records);
        };
        lab.write(std::move(append));
    }
    void add_cases(const std::string& suite, int count) {
        auto add = [=, this](Database& db) {
            for (int i = 0; i < count; ++i) {
                NewCase row;
                row.suite = suite;
                row.name = "case-" + std::to_string(i);
                row.metadata = "case: case-" + std::to_string(i) + "\ndefinition: " + suite + "\nresult: pass\n";
                Results{db}.add_case(job, row);
            }
        };
        lab.write(std::move(add));
    }
    CallbackBody body(Dataset dataset, ContentType type = ContentType::json) {
        return {lab.reader(), *Jobs{lab.reader()}.find(job), "", dataset, type};
    }
    static std::string all_of(CallbackBody& body) {
        std::string text;
        for (auto piece = body.next(); !piece.empty(); piece = body.next()) text += piece;
        return text;
    }
    config::Value json(Dataset dataset) {
        auto made = body(dataset);
        return config::parse_json(all_of(made));
    }
};

TEST_F(CallbackBodyTest, ValuesOfSecretsAreMasked) {
    const auto definition = [this] { return *json(Dataset::minimal).find("definition")->as_string(); };
    const auto write = [this](std::string sql) {
        auto change = [this, sql](Database& db) { db.change(sql, job); };
        lab.write(std::move(change));
    };
    write("UPDATE job_text SET definition = 'secrets: {KEY: hunter2}' WHERE job = $1");
    EXPECT_EQ(definition(), "secrets:\n  KEY: '[MASKED]'\n");
    write("INSERT INTO masked_text (job, definition) VALUES ($1, 'made before')");
    EXPECT_EQ(definition(), "made before");
}

TEST_F(CallbackBodyTest, EachDataSetHasItsParts) {
    log(3, "");
    add_cases("lava", 1);
    const std::tuple<Dataset, bool, bool> sets[] = {{Dataset::minimal, false, false},
                                                    {Dataset::logs, true, false},
                                                    {Dataset::results, false, true},
                                                    {Dataset::all, true, true}};
    for (const auto& [dataset, has_log, has_results] : sets) {
        const auto value = json(dataset);
        EXPECT_EQ(value.find("log") != nullptr, has_log);
        EXPECT_EQ(value.find("results") != nullptr, has_results);
        EXPECT_NE(value.find("definition"), nullptr);
    }
}

TEST_F(CallbackBodyTest, AJobWithoutLogOrResultsHasNoLogAndAnEmptyMap) {
    const auto value = json(Dataset::all);
    EXPECT_EQ(value.find("log"), nullptr);
    ASSERT_NE(value.find("results"), nullptr);
    EXPECT_EQ(*value.find("results"), config::Value{config::Map{}});
    auto form = body(Dataset::all, ContentType::urlencoded);
    EXPECT_EQ(all_of(form).find("&log="), std::string::npos);
}

TEST_F(CallbackBodyTest, TheLogIsTheStoredOneWhateverItHolds) {
    log(500, R"( \" \\ \u0007 )"
             "\xC3\xA4\xE2\x80\xA8 \xF0\x9F\x98\x80 end");
    const auto stored = Logs{lab.reader()}.read(job);
    EXPECT_EQ(*json(Dataset::logs).find("log")->as_string(), stored);
}

TEST_F(CallbackBodyTest, ResultsAreTheYamlOfEachSuiteInOrder) {
    add_cases("lava", 450);
    add_cases("0_smoke", 3);
    const auto value = json(Dataset::results);
    const auto& results = *value.find("results")->as_map();
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(*results.begin()->key.as_string(), "lava");
    for (const auto& [suite, yaml] : results) {
        const auto id = Results{lab.reader()}.suite(job, *suite.as_string())->id;
        EXPECT_EQ(*yaml.as_string(), export_yaml(Results{lab.reader()}.export_rows(job, id), job));
    }
}

TEST_F(CallbackBodyTest, AFormNamesItsSuitesOnly) {
    log(2, " a&b");
    add_cases("lava", 1);
    add_cases("0_smoke test", 1);
    auto made = body(Dataset::all, ContentType::urlencoded);
    const auto text = all_of(made);
    EXPECT_TRUE(text.ends_with("&results=lava&results=0_smoke+test")) << text.substr(text.size() - 60);
    EXPECT_NE(text.find("a%26b"), std::string::npos);
}

TEST_F(CallbackBodyTest, AHugeBodyIsNeverHeldWhole) {
    log(60'000, std::string(500, 'x'));
    add_cases("lava", 3000);
    auto made = body(Dataset::all);
    std::size_t largest = 0;
    std::uint64_t size = 0;
    for (auto piece = made.next(); !piece.empty(); piece = made.next()) {
        largest = std::max(largest, piece.size());
        size += piece.size();
    }
    EXPECT_GT(size, 30'000'000u);
    EXPECT_LT(largest, 400'000u);
    made.rewind();
    EXPECT_EQ(made.count(), size);
    EXPECT_EQ(made.count(), size) << "counting begins again";
}

TEST_F(CallbackBodyTest, WhatComesWhileItIsReadIsNotInIt) {
    log(10, "");
    add_cases("lava", 2);
    auto made = body(Dataset::all);
    const auto size = made.count();
    log(1000, " late");
    add_cases("lava", 2);
    add_cases("1_late", 2);
    EXPECT_EQ(made.count(), size);
    EXPECT_EQ(all_of(made).find("late"), std::string::npos);
}

TEST_F(CallbackBodyTest, ALogThatIsRemovedMeanwhileEndsTheTextNotTheShape) {
    log(2000, std::string(200, 'x'));
    auto made = body(Dataset::all);
    made.next();
    made.next();
    auto remove = [this](Database& db) {
        Jobs{db}.finish(job, JobHealth::complete, wall_now());
        while (OldJobs{db}.remove_log_piece(job, wall_now())) {
        }
    };
    lab.write(std::move(remove));
    const auto rest = all_of(made);
    EXPECT_TRUE(rest.ends_with("\",\"results\":{}}")) << rest;
}

}  // namespace
}  // namespace patchbay
