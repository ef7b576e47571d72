// SPDX-License-Identifier: Apache-2.0
// How the lists of jobs are found when there are very many.
#include <gtest/gtest.h>

#include "daemon/store/snapshot.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class JobListsTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    Jobs jobs{lab.reader()};

    static Query query(const std::vector<std::pair<std::string, FilterValue>>& filters) {
        Query query;
        for (const auto& [parameter, value] : filters) {
            const auto name = find_filter(QueryList::jobs, parameter).value();
            query.conditions.push_back({name.field, name.lookup, {value}, name.negate, name.path});
        }
        return query;
    }
    /// What the engine would do, not how long it takes.
    std::string plan(const std::string& sql) {
        auto rows = lab.reader().prepare("EXPLAIN QUERY PLAN " + sql);
        std::string text;
        while (rows->step()) text += std::string{rows->text(3)} + "; ";
        return text;
    }
};

TEST_F(JobListsTest, LatePagesAreFoundFromTheEndAndAreTheSame) {
    for (int i = 0; i < 7; ++i) lab.add_job(a_job(alice));
    auto start = [](Database& db) {
        for (const std::int64_t job : {2, 3, 6}) {
            Jobs{db}.schedule(JobId{job}, "qemu-0" + std::to_string(job));
            Jobs{db}.start(JobId{job}, WallTime{std::chrono::microseconds{100 - job / 3}});
        }
    };
    lab.write(start);
    for (const auto* name : {"", "id", "-id", "start_time", "-start_time"}) {
        Query all;
        std::string_view key = name;
        const bool descending = key.starts_with('-');
        if (descending) key.remove_prefix(1);
        if (!key.empty()) all.ordering = {{find_order(QueryList::jobs, key), descending}};
        const auto whole = jobs.ids(all, Viewer{{}, true});
        ASSERT_EQ(whole.size(), 7U);
        for (std::size_t offset = 0; offset <= 8; ++offset) {
            auto page = all;
            page.limit = 3;
            page.offset = static_cast<std::int64_t>(offset);
            const auto begin = std::min(offset, whole.size()), end = std::min(offset + 3, whole.size());
            const std::vector<JobId> expected(whole.data() + begin, whole.data() + end);
            EXPECT_EQ(jobs.ids(page, Viewer{{}, true}, 7), expected) << name << " from " << offset;
        }
    }
}

TEST_F(JobListsTest, FiltersOfManyJobsAreReadThroughTheIndexThatFindsFewest) {
    const FilterValue submitted{std::int64_t{0}}, finished{std::int64_t{5}}, board{std::string{"a"}}, me{alice.value};
    struct Row {
        std::vector<std::pair<std::string, FilterValue>> filters;
        std::string_view order, index;
        bool sorted_by_it = true;
    };
    const Row table[] = {
        {{{"state", finished}}, "", "job_state (state=?)"},
        {{{"requested_device_type", board}, {"state", finished}},
         "",
         "job_type_state (requested_device_type=? AND state=?)"},
        {{{"state", finished}}, "end_time", "SCAN job USING INDEX job_end_time", false},
        {{{"state!", finished}}, "", "job_state (state=?)", false},
        {{{"requested_device_type", board}}, "", "job_type (requested_device_type=?)"},
        {{{"requested_device_type", board}, {"state", finished}, {"health", submitted}}, "", "job_type ("},
        {{{"requested_device_type", board}, {"state", submitted}}, "", "job_type_state (", false},
        {{{"submitter", me}, {"state", submitted}}, "", "job_open (submitter_id=?", false},
        {{{"submitter", me}, {"state!", finished}}, "", "job_open (submitter_id=?", false},
        {{{"submitter", me}, {"state", finished}}, "", "job_submitter (submitter_id=?)"},
        {{{"submitter__username", board}}, "", "job_submitter (submitter_id=?)", false},
        {{{"actual_device__device_type__name", board}}, "", "job_device (actual_device=?)", false},
        {{{"tags__name", board}}, "", "SEARCH job USING INTEGER PRIMARY KEY (rowid=?)"},
    };
    for (const auto& row : table) {
        auto list = query(row.filters);
        if (!row.order.empty()) list.ordering = {{find_order(QueryList::jobs, row.order), true}};
        const auto sql = Jobs::ids_sql(list, Viewer{alice, false});
        const auto found = plan(sql + " LIMIT $8 OFFSET $9");
        EXPECT_NE(found.find(row.index), std::string::npos) << sql << "\n" << found;
        const bool sorts = found.find("TEMP B-TREE") != std::string::npos;
        EXPECT_FALSE(row.sorted_by_it && sorts) << sql << "\n" << found;
    }
}

TEST_F(JobListsTest, CountAndPageAreOfOneMoment) {
    lab.add_job(a_job(alice));
    {
        const Snapshot snapshot{lab.reader()};
        EXPECT_EQ(jobs.count({}, Viewer{{}, true}), 1);
        lab.add_job(a_job(alice));
        EXPECT_EQ(jobs.ids({}, Viewer{{}, true}).size(), 1U);
    }
    EXPECT_EQ(jobs.ids({}, Viewer{{}, true}).size(), 2U);
}

TEST_F(JobListsTest, WhatHidesSecretsLooksOnlyAtWhatElseMatches) {
    const auto sql =
        Jobs::ids_sql(query({{"definition__contains", FilterValue{std::string{"x"}}}}), Viewer{alice, false});
    EXPECT_LT(sql.find("GLOB"), sql.find("secrets")) << sql;
}

TEST_F(JobListsTest, APageOfManyJobsIsReadThroughIndexes) {
    const auto newest = plan("SELECT id FROM job WHERE visibility = 0 ORDER BY id DESC LIMIT 50");
    EXPECT_EQ(newest.find("TEMP B-TREE"), std::string::npos) << newest;
    const auto state = plan("SELECT id FROM job WHERE job.state = 0 AND visibility = 0 ORDER BY job.id DESC LIMIT 50");
    EXPECT_NE(state.find("USING INDEX job_"), std::string::npos) << state;
    EXPECT_EQ(state.find("TEMP B-TREE"), std::string::npos) << state;
    const auto best = plan(
        "SELECT id, priority, submit_time, run_limit FROM job WHERE state = 0 AND target_group = '' "
        "AND requested_device = '' AND requested_device_type = 'a' "
        "AND submitter_id = 1 AND tag_set = '' ORDER BY priority DESC, submit_time, id LIMIT 4096");
    EXPECT_NE(best.find("COVERING INDEX job_queue (requested_device_type=? AND submitter_id=? AND tag_set=?"),
              std::string::npos)
        << best;
    EXPECT_EQ(best.find("TEMP B-TREE"), std::string::npos) << best;
    const auto times = plan("SELECT id FROM job ORDER BY job.start_time DESC NULLS FIRST, job.id DESC LIMIT 50");
    EXPECT_NE(times.find("job_start_time"), std::string::npos) << times;
    for (const auto* sql : {Jobs::next_queue_expiry_sql, Jobs::queue_expired_sql}) {
        const auto expiry = plan(sql);
        EXPECT_NE(expiry.find("USING INDEX job_queue_expiry (queue_expires>"), std::string::npos) << expiry;
        EXPECT_EQ(expiry.find("TEMP B-TREE"), std::string::npos) << expiry;
    }
}

}  // namespace
}  // namespace patchbay
