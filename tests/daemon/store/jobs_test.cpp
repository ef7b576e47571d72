// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/store/groups.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class JobsTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId alice = lab.add_user("alice");
    UserId bob = lab.add_user("bob");
    Viewer root{{}, true};
    Jobs jobs{lab.reader()};

    static Condition where(std::string_view parameter, std::vector<FilterValue> values) {
        const auto name = find_filter(QueryList::jobs, parameter);
        if (!name) throw std::invalid_argument{"no such filter: " + std::string{parameter}};
        Condition condition;
        condition.field = name->field;
        condition.lookup = name->lookup;
        condition.negate = name->negate;
        condition.path = name->path;
        condition.values = std::move(values);
        return condition;
    }
    static Query query(std::string_view parameter, std::vector<FilterValue> values) {
        Query query;
        query.conditions.push_back(where(parameter, std::move(values)));
        return query;
    }
    std::vector<std::int64_t> ids(const Query& query, const Viewer& viewer) {
        std::vector<std::int64_t> out;
        for (const auto& job : jobs.list(query, viewer)) out.push_back(job.id.value);
        EXPECT_EQ(jobs.count(query, viewer), static_cast<std::int64_t>(out.size()));
        return out;
    }
    using Ids = std::vector<std::int64_t>;
};

TEST_F(JobsTest, IdsCountFromOneAndAreNeverUsedAgain) {
    EXPECT_EQ(lab.add_job(a_job(alice)).value, 1);
    EXPECT_EQ(lab.add_job(a_job(alice)).value, 2);
    auto remove = [](Database& db) { db.change("DELETE FROM job WHERE id = 2"); };
    lab.write(remove);
    EXPECT_EQ(lab.add_job(a_job(alice)).value, 3);
    EXPECT_EQ(jobs.count({}, root), 2);
}

TEST_F(JobsTest, AJobComesBackAsItWasSubmitted) {
    auto tagger = [](Database& db) { return Devices{db}.make_tag("hdmi").id; };
    const auto tag = lab.write(tagger);
    auto wanted = a_job(alice, "imx8");
    wanted.tags = {tag};
    wanted.queue_timeout = 90s;
    wanted.visibility = Visibility::personal;
    const auto when = WallTime{std::chrono::microseconds{1'700'000'000'123'456}};
    const auto job = jobs.find(lab.add_job(wanted, when));
    ASSERT_TRUE(job);
    EXPECT_EQ(job->submitter, "alice");
    EXPECT_EQ(job->description, "smoke");
    EXPECT_EQ(job->requested_device_type, "imx8");
    EXPECT_EQ(job->tags, std::vector{tag});
    EXPECT_EQ(job->submit_time, when);
    EXPECT_EQ(job->start_time, std::nullopt);
    EXPECT_EQ(job->definition, "job_name: smoke\n");
    EXPECT_EQ(job->original_definition, "# mine\njob_name: smoke\n");
    EXPECT_EQ(job->queue_timeout, 90s);
    EXPECT_EQ(job->visibility, Visibility::groups) << "of the group that is called alice";
    EXPECT_EQ(job->viewing_groups, std::vector{Groups{lab.reader()}.find("alice")->id});
    EXPECT_EQ(job->state, JobState::submitted);
    EXPECT_EQ(job->failure_comment, std::nullopt);
}

TEST_F(JobsTest, AnOriginalThatIsTheDefinitionIsKeptOnce) {
    auto wanted = a_job(alice);
    wanted.original_definition = wanted.definition;
    const auto id = lab.add_job(wanted);
    EXPECT_EQ(jobs.find(id)->original_definition, wanted.definition);
}

TEST_F(JobsTest, TheNewestJobIsListedFirst) {
    for (int i = 0; i < 5; ++i) lab.add_job(a_job(alice));
    Query page;
    EXPECT_EQ(ids(page, root), (Ids{5, 4, 3, 2, 1}));
    page.limit = 2;
    page.offset = 1;
    EXPECT_EQ(jobs.list(page, root).front().id.value, 4);
    EXPECT_EQ(jobs.count(page, root), 5);
    page.offset = 5;
    EXPECT_TRUE(jobs.list(page, root).empty());
}

TEST_F(JobsTest, JobsWithoutAStartTimeSortAsInPostgreSql) {
    for (int i = 0; i < 3; ++i) lab.add_job(a_job(alice));
    auto start = [](Database& db) {
        Jobs{db}.schedule(JobId{2}, "qemu-01");
        Jobs{db}.start(JobId{2}, WallTime{std::chrono::microseconds{5}});
    };
    lab.write(start);
    Query page;
    page.ordering = {{find_order(QueryList::jobs, "start_time"), false}};
    EXPECT_EQ(ids(page, root), (Ids{2, 1, 3})) << "nulls last when ascending, then by id";
    page.ordering.front().descending = true;
    EXPECT_EQ(ids(page, root), (Ids{1, 3, 2})) << "nulls first when descending";
    page.ordering = {{find_order(QueryList::jobs, "id"), false}};
    EXPECT_EQ(ids(page, root), (Ids{1, 2, 3}));
    EXPECT_EQ(find_order(QueryList::jobs, "priority"), nullptr);
}

TEST_F(JobsTest, PersonalJobsAreSeenByTheirOwnerAndBySuperusers) {
    auto secret = a_job(alice);
    secret.visibility = Visibility::personal;
    lab.add_job(secret);
    lab.add_job(a_job(alice));
    EXPECT_EQ(ids({}, root), (Ids{2, 1}));
    EXPECT_EQ(ids({}, Viewer{alice, false}), (Ids{2, 1}));
    EXPECT_EQ(ids({}, Viewer{bob, false}), (Ids{2}));
    EXPECT_EQ(ids({}, Viewer{}), (Ids{2}));
    EXPECT_FALSE(jobs.find(JobId{1}, Viewer{bob, false}));
    EXPECT_TRUE(jobs.find(JobId{1}, Viewer{alice, false}));
}

TEST_F(JobsTest, EveryFilterOfTheListSelectsWhatItSays) {
    auto tagger = [](Database& db) {
        Devices devices{db};
        devices.configure({a_device("qemu-01"), a_device("imx8-01", "imx8", {"hdmi"})});
        return devices.tag("hdmi")->id;
    };
    const auto tag = lab.write(tagger);
    auto first = a_job(alice, "qemu", 10);
    first.description = "Kernel Boot";
    auto second = a_job(bob, "imx8", 90);
    second.tags = {tag};
    second.metadata = R"({"build": {"id": "77"}, "note": "it's 100%"})";
    auto third = a_job(bob, "qemu", 50);
    third.requested_device_type.reset();
    third.health_check = true;
    lab.add_job(first, WallTime{1000us});
    lab.add_job(second, WallTime{2000us});
    lab.add_job(third, WallTime{3000us});
    auto move = [](Database& db) {
        Jobs changed{db};
        changed.schedule(JobId{2}, "imx8-01");
        changed.start(JobId{2}, WallTime{2500us});
        changed.add_failure_comment(JobId{2}, "relay gone [*?]");
        changed.cancel_queued(JobId{3}, "alice", WallTime{3500us});
    };
    lab.write(move);

    struct Row {
        std::string parameter;
        std::vector<FilterValue> values;
        Ids expected;
    };
    const auto n = [](std::int64_t value) { return FilterValue{value}; };
    const auto t = [](const char* value) { return FilterValue{std::string{value}}; };
    const std::vector<Row> table{
        {"id", {n(2)}, {2}},
        {"id__lt", {n(2)}, {1}},
        {"id__gt", {n(1)}, {3, 2}},
        {"id__in", {n(1), n(3), n(99)}, {3, 1}},
        {"id__in", {}, {}},
        {"id!", {n(2)}, {3, 1}},
        {"state", {n(3)}, {2}},
        {"state!", {n(3)}, {3, 1}},
        {"state!", {n(5)}, {2, 1}},
        {"state__in", {n(0), n(3)}, {2, 1}},
        {"state__in", {n(0), n(5)}, {3, 1}},
        {"state__in!", {n(0), n(5)}, {2}},
        {"health", {n(3)}, {3}},
        {"priority__gte", {n(50)}, {3, 2}},
        {"priority__lt", {n(50)}, {1}},
        {"priority__in", {n(10), n(90)}, {2, 1}},
        {"submit_time", {n(2000)}, {2}},
        {"submit_time__gt", {n(1000)}, {3, 2}},
        {"start_time__isnull", {n(1)}, {1}},
        {"start_time__isnull", {n(0)}, {3, 2}},
        {"end_time__lt", {n(4000)}, {3}},
        {"health_check", {n(1)}, {3}},
        {"description", {t("Kernel Boot")}, {1}},
        {"description__iexact", {t("kernel boot")}, {1}},
        {"description__contains", {t("nel B")}, {1}},
        {"description__contains", {t("nel b")}, {}},
        {"description__icontains", {t("NEL B")}, {1}},
        {"description__startswith", {t("Kern")}, {1}},
        {"description__endswith", {t("moke")}, {3, 2}},
        {"description__endswith", {t("")}, {3, 2, 1}},
        {"description__in", {t("smoke"), t("x")}, {3, 2}},
        {"description__contains", {t("%")}, {}},
        {"description__contains", {t("K*t")}, {}},
        {"description__contains", {t("[n]el")}, {}},
        {"description__contains", {t("")}, {3, 2, 1}},
        {"definition__contains", {t("job_name")}, {3, 2, 1}},
        {"original_definition__startswith", {t("# mine")}, {3, 2, 1}},
        {"multinode_definition", {t("")}, {3, 2, 1}},
        {"failure_comment__isnull", {n(0)}, {2}},
        {"failure_comment__contains", {t("relay")}, {2}},
        {"failure_comment__contains", {t("e [*?]")}, {2}},
        {"requested_device_type", {t("qemu")}, {1}},
        {"requested_device_type!", {t("qemu")}, {3, 2}},
        {"requested_device_type__name", {t("imx8")}, {2}},
        {"requested_device_type__name__startswith", {t("q")}, {1}},
        {"requested_device_type__isnull", {n(1)}, {3}},
        {"requested_device_type__isnull", {n(0)}, {2, 1}},
        {"requested_device_type__display", {n(1)}, {2, 1}},
        {"actual_device", {t("imx8-01")}, {2}},
        {"actual_device__isnull", {n(1)}, {3, 1}},
        {"actual_device__device_type__name", {t("imx8")}, {2}},
        {"actual_device__device_type__name!", {t("imx8")}, {3, 1}},
        {"actual_device__tags__name", {t("hdmi")}, {2}},
        {"actual_device__worker_host__hostname", {t("bench")}, {2}},
        {"tags", {n(tag.value)}, {2}},
        {"tags!", {n(tag.value)}, {3, 1}},
        {"tags__name", {t("hdmi")}, {2}},
        {"tags__name__in", {t("hdmi"), t("x")}, {2}},
        {"submitter", {n(bob.value)}, {3, 2}},
        {"submitter__username", {t("alice")}, {1}},
        {"submitter__username__startswith", {t("b")}, {3, 2}},
        {"metadata__build__id", {t("77")}, {2}},
        {"metadata__build__id__in", {t("77"), t("1234")}, {3, 2, 1}},
        {"metadata__note__icontains", {t("IT'S 100%")}, {2}},
        {"metadata__note__isnull", {n(1)}, {3, 1}},
        {"metadata__contains", {t(R"({"build": {"id": "77"}})")}, {2}},
        {"metadata__has_key", {t("note")}, {2}},
        {"metadata__has_keys", {t("build"), t("arch")}, {3, 1}},
        {"metadata__has_any_keys", {t("note"), t("arch")}, {3, 2, 1}},
        {"metadata__build__has_key", {t("id")}, {3, 2, 1}},
        {"metadata__a\"b", {t("'; DROP TABLE job")}, {}},
    };
    for (const auto& row : table) {
        SCOPED_TRACE(row.parameter);
        EXPECT_EQ(ids(query(row.parameter, row.values), root), row.expected);
    }
}

TEST_F(JobsTest, SeveralFiltersMustAllHold) {
    lab.add_job(a_job(alice, "qemu"));
    lab.add_job(a_job(alice, "imx8"));
    Query both = query("requested_device_type__name", {FilterValue{std::string{"imx8"}}});
    both.conditions.push_back(where("state", {FilterValue{std::int64_t{0}}}));
    EXPECT_EQ(ids(both, Viewer{alice, false}), (Ids{2}));
    EXPECT_TRUE(Jobs::is_cheap(both, root));
    EXPECT_TRUE(Jobs::is_cheap({}, root));
    EXPECT_FALSE(Jobs::is_cheap(query("description__contains", {FilterValue{std::string{"x"}}}), root));
    EXPECT_TRUE(Jobs::is_cheap(query("id__in", {FilterValue{std::int64_t{1}}}), root));
    EXPECT_FALSE(Jobs::is_cheap(query("id__lt", {FilterValue{std::int64_t{1}}}), root)) << "all of them are counted";
    EXPECT_FALSE(Jobs::is_cheap(query("state!", {FilterValue{std::int64_t{5}}}), root));
    EXPECT_FALSE(Jobs::is_cheap(query("health", {FilterValue{std::int64_t{2}}}), root))
        << "the walk to fifty may be long";
    both.offset = 90'000;
    EXPECT_FALSE(Jobs::is_cheap(both, root));
    both.offset = 0;
    both.ordering = {{find_order(QueryList::jobs, "end_time"), true}};
    EXPECT_FALSE(Jobs::is_cheap(both, root));
}

TEST_F(JobsTest, AStateChangeThatExpectsAnotherStateChangesNothing) {
    lab.add_job(a_job(alice));
    const auto now = wall_now();
    struct Step {
        std::string name;
        std::function<bool(Jobs&)> change;
        bool happens;
    };
    const JobId job{1};
    const std::vector<Step> steps{
        {"start before scheduled", [&](Jobs& j) { return j.start(job, now); }, false},
        {"cancel a queued one as running", [&](Jobs& j) { return j.cancel_running(job, "x"); }, false},
        {"schedule", [&](Jobs& j) { return j.schedule(job, "qemu-01"); }, true},
        {"schedule again", [&](Jobs& j) { return j.schedule(job, "qemu-02"); }, false},
        {"cancel as queued", [&](Jobs& j) { return j.cancel_queued(job, "x", now); }, false},
        {"start", [&](Jobs& j) { return j.start(job, now); }, true},
        {"cancel", [&](Jobs& j) { return j.cancel_running(job, "alice asked"); }, true},
        {"start again", [&](Jobs& j) { return j.start(job, now); }, false},
        {"finish", [&](Jobs& j) { return j.finish(job, JobHealth::complete, now); }, true},
        {"finish again", [&](Jobs& j) { return j.finish(job, JobHealth::incomplete, now); }, false},
        {"cancel a finished one", [&](Jobs& j) { return j.cancel_running(job, "x"); }, false},
    };
    for (const auto& step : steps) {
        auto change = [&step](Database& db) {
            Jobs changed{db};
            return step.change(changed);
        };
        EXPECT_EQ(lab.write(change), step.happens) << step.name;
    }
    const auto row = jobs.find(job);
    EXPECT_EQ(row->state, JobState::finished);
    EXPECT_EQ(row->health, JobHealth::canceled) << "a canceling job becomes Canceled whatever was posted";
    EXPECT_EQ(jobs.status(job), (JobStatus{JobState::finished, JobHealth::canceled}));
    EXPECT_EQ(jobs.status(JobId{2}), std::nullopt);
    EXPECT_EQ(row->actual_device, "qemu-01");
    EXPECT_EQ(row->cancel_reason, "alice asked");
}

TEST_F(JobsTest, CountersStayTrueThroughEveryTransition) {
    for (int i = 0; i < 6; ++i) lab.add_job(a_job(i % 2 ? alice : bob, i % 3 ? "qemu" : "imx8"));
    auto change = [](Database& db) {
        Jobs changed{db};
        changed.schedule(JobId{1}, "imx8-01");
        changed.start(JobId{1}, wall_now());
        changed.finish(JobId{1}, JobHealth::complete, wall_now());
        changed.cancel_queued(JobId{2}, "x", wall_now());
        db.change("DELETE FROM job WHERE id = 6");
    };
    lab.write(change);
    for (std::int64_t health = 0; health <= 3; ++health) ids(query("health", {FilterValue{health}}), root);
    ids(query("submitter__username", {FilterValue{std::string{"bob"}}}), root);
    for (std::int64_t state = 0; state <= 5; ++state) {
        for (const auto* type : {"qemu", "imx8"}) {
            auto one = query("state", {FilterValue{state}});
            one.conditions.push_back(where("requested_device_type", {FilterValue{std::string{type}}}));
            ids(one, root);  // compares count with the rows
            ids(one, Viewer{alice, false});
        }
    }
    const auto lengths = jobs.queue_lengths();
    ASSERT_EQ(lengths.size(), 2U);
    EXPECT_EQ(lengths[0].device_type, "imx8");
    EXPECT_EQ(lengths[0].jobs, 1);
    EXPECT_EQ(lengths[1].jobs, 2);
}

TEST_F(JobsTest, AFailureCommentDoesNotGrowWithoutEnd) {
    const auto job = lab.add_job(a_job(alice));
    auto comment = [job](Database& db) {
        Jobs changed{db};
        changed.add_failure_comment(job, "the first");
        for (int i = 0; i < 5000; ++i) changed.add_failure_comment(job, std::string(10'000, 'x'));
    };
    lab.write(comment);
    const auto text = *jobs.find(job)->failure_comment;
    EXPECT_TRUE(text.starts_with("the first\nxxx")) << text.substr(0, 20);
    EXPECT_LT(text.size(), 10'000U);
}

TEST_F(JobsTest, QueueTimeoutsAreFoundInTheirOrder) {
    const auto now = WallTime{std::chrono::seconds{1000}};
    auto timed = a_job(alice);
    timed.queue_timeout = 30s;
    lab.add_job(timed, now);
    timed.queue_timeout = 10s;
    lab.add_job(timed, now);
    lab.add_job(a_job(alice), now);
    EXPECT_EQ(jobs.next_queue_expiry(), now + 10s);
    EXPECT_TRUE(jobs.queue_expired(now + 9s).empty());
    EXPECT_EQ(jobs.queue_expired(now + 10s), std::vector{JobId{2}});
    EXPECT_EQ(jobs.queue_expired(now + 1h), (std::vector{JobId{2}, JobId{1}}));
}

}  // namespace
}  // namespace patchbay
