// SPDX-License-Identifier: Apache-2.0
// Values that clients compare, parse into strict types, or use as a key: one that is missing, null or of another word
// makes them drop the whole answer. That a device becomes Good by itself is in tests/daemon/supervise.
#include <set>

#include "core/errors.hpp"
#include "tests/daemon/api/smoke_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::MatchesRegex;

template <class Enum>
std::set<std::string> words_up_to(Enum last) {
    std::set<std::string> words;
    for (int i = 0; i <= static_cast<int>(last); ++i) words.emplace(to_string(static_cast<Enum>(i)));
    return words;
}

TEST(ClientValues, StatesHealthsAndResultsHaveLavasWordsAndNoOthers) {
    using Words = std::set<std::string>;
    EXPECT_EQ(words_up_to(JobState::finished),
              (Words{"Submitted", "Scheduling", "Scheduled", "Running", "Canceling", "Finished"}));
    EXPECT_EQ(words_up_to(JobHealth::canceled), (Words{"Unknown", "Complete", "Incomplete", "Canceled"}));
    EXPECT_EQ(words_up_to(DeviceState::running), (Words{"Idle", "Reserved", "Running"}));
    EXPECT_EQ(words_up_to(DeviceHealth::retired),
              (Words{"Good", "Unknown", "Looping", "Bad", "Maintenance", "Retired"}));
    EXPECT_EQ(words_up_to(CaseResult::unknown), (Words{"pass", "fail", "skip", "unknown"}));
}

TEST(ClientValues, NoErrorTypeIsInvented) {
    EXPECT_EQ(words_up_to(ErrorType::multinode_timeout),
              (std::set<std::string>{"Infrastructure", "Job", "Test", "Configuration", "Bug", "Canceled", "LAVATimeout",
                                     "MultinodeTimeout"}));
}

class ClientValuesTest : public ApiTest {
protected:
    static void expect_text(const config::Value& object, std::initializer_list<const char*> keys) {
        for (const auto* key : keys) EXPECT_TRUE(object.find(key) && object.find(key)->is_string()) << key;
    }
    static void expect_text_or_null(const config::Value& object, std::initializer_list<const char*> keys) {
        for (const auto* key : keys) {
            const auto* value = object.find(key);
            ASSERT_TRUE(value) << key;
            EXPECT_TRUE(value->is_null() || value->is_string()) << key;
        }
    }
    /// RFC 3339 with an offset.
    static void expect_time(const config::Value* value, const std::string& what) {
        ASSERT_TRUE(value && value->is_string()) << what;
        EXPECT_THAT(*value->as_string(), MatchesRegex(R"(....-..-..T..:..:..(\.[0-9]+)?(Z|[+-]..:..))")) << what;
    }
};

TEST_F(ClientValuesTest, AJobHasTheTypesThatClientsReadAtEveryStage) {
    const auto waiting = submit("waiting", "priority: 7\n");
    const auto canceled = submit("canceled in the queue");
    lab.get(url(canceled, "cancel/"), "alice");
    const auto running = submit("running", "tags: [usb]\n");
    lab.schedule(running, "qemu-01");
    lab.start(running);
    const auto finished = submit("finished");
    lab.schedule(finished, "qemu-02");
    lab.start(finished);
    lab.finish(finished, JobHealth::incomplete);
    for (const auto id : {waiting, canceled, running, finished}) {
        const auto job = lab.get(url(id)).json();
        SCOPED_TRACE(config::python_str(*job.find("description")));
        EXPECT_EQ(*job.find("id"), config::Value{id.value});
        EXPECT_TRUE(job.find("priority")->is_int());
        EXPECT_TRUE(job.find("health_check")->is_bool());
        expect_text(job, {"submitter", "description", "state", "health", "definition", "original_definition",
                          "multinode_definition"});
        expect_text_or_null(job, {"requested_device_type", "actual_device", "failure_comment"});
        for (const auto* key : {"viewing_groups", "tags", "failure_tags"}) EXPECT_TRUE(job.find(key)->is_list()) << key;
        expect_time(job.find("submit_time"), "submit_time");
        for (const auto* key : {"start_time", "end_time"})
            if (!job.find(key)->is_null()) expect_time(job.find(key), key);
    }
}

TEST_F(ClientValuesTest, ATestCaseHasTheTypesThatClientsRead) {
    const auto job = a_finished_job();
    const auto page = lab.get(url(job, "tests/")).json();
    const auto& cases = *page.find("results")->as_list();
    ASSERT_EQ(cases.size(), 5U);
    for (const auto& one : cases) {
        SCOPED_TRACE(config::python_str(*one.find("name")));
        EXPECT_TRUE(one.find("id")->is_int());
        EXPECT_TRUE(one.find("suite")->is_int());
        expect_text(one, {"name", "unit", "result", "metadata", "resource_uri"});
        expect_text_or_null(one, {"measurement"});
        for (const auto* key : {"start_log_line", "end_log_line", "test_set"}) {
            const auto* value = one.find(key);
            EXPECT_TRUE(value && (value->is_null() || value->is_int())) << key;
        }
        expect_time(one.find("logged"), "logged");
        const auto metadata = config::parse_yaml(*one.find("metadata")->as_string());
        expect_text(metadata, {"definition", "case", "result"});
        const auto* duration = metadata.find("duration");
        EXPECT_TRUE(!duration || duration->is_string());
    }
}

}  // namespace
}  // namespace patchbay
