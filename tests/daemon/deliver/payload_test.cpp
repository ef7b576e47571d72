// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/payload.hpp"

#include <gtest/gtest.h>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

const std::string shown = "job_name: x\nsecrets:\n  API_KEY: '[MASKED]'\n";

JobRow a_job() {
    JobRow job;
    job.id = JobId{7};
    job.submitter = "alice";
    job.description = "boot & test";
    job.state = JobState::finished;
    job.health = JobHealth::incomplete;
    job.definition = "job_name: x\nsecrets:\n  API_KEY: hunter2\n";
    job.metadata = R"({"branch": "main", "list": ["a", "b"]})";
    job.failure_comment = "broken";
    return job;
}

TEST(Payload, HasTheDefinitionThatOthersMayRead) {
    for (const auto type : {ContentType::json, ContentType::urlencoded}) {
        const auto text = payload_head(a_job(), shown, "", type);
        EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
        EXPECT_NE(text.find("API_KEY"), std::string::npos) << "its name stays";
    }
}

TEST(Payload, MetadataIsAListOfOneKeyMaps) {
    const auto json = config::parse_json(payload_head(a_job(), shown, "", ContentType::json) + "}");
    EXPECT_EQ(*json.find("metadata"), config::parse_json(R"([{"branch": "main"}, {"list": "['a', 'b']"}])"));
}

TEST(Payload, AFormHasOnlyTheKeysOfMetadataAndNothingThatIsNull) {
    auto job = a_job();
    job.actual_device.reset();
    const auto text = payload_head(job, shown, "", ContentType::urlencoded);
    EXPECT_NE(text.find("&metadata=branch&metadata=list&"), std::string::npos) << text;
    EXPECT_EQ(text.find("actual_device_id"), std::string::npos);
    EXPECT_NE(text.find("&description=boot+%26+test&"), std::string::npos);
    EXPECT_NE(text.find("&end_time=None&"), std::string::npos);
    EXPECT_NE(text.find("&health_check=False"), std::string::npos);
    EXPECT_TRUE(text.starts_with("id=7&status=3&status_string=incomplete&state=5&")) << text;
}

TEST(Payload, ARunningJobTellsNothingOfItsEnd) {
    auto job = a_job();
    job.end_time = WallTime{1s};
    const auto then = job_at(job, JobState::running, JobHealth::unknown);
    const auto json = config::parse_json(payload_head(then, shown, "", ContentType::json) + "}");
    EXPECT_EQ(*json.find("state_string"), config::Value{"Running"});
    EXPECT_EQ(*json.find("status"), config::Value{1});
    EXPECT_EQ(*json.find("end_time"), config::Value{"None"});
    EXPECT_TRUE(json.find("failure_comment")->is_null());
    EXPECT_TRUE(job_at(job, JobState::finished, JobHealth::incomplete).end_time);
}

}  // namespace
}  // namespace patchbay
