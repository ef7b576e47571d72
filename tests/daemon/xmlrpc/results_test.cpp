// SPDX-License-Identifier: Apache-2.0
// Results over XML-RPC are the texts of the REST exports.
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RpcResultsTest : public RpcTest {
protected:
    std::string text(const std::string& method, const config::List& arguments) {
        return said("results." + method, arguments, "bob");
    }
    /// XML turns the CR LF of a line's end into LF.
    static std::string lines(std::string text) {
        std::erase(text, '\r');
        return text;
    }
    const JobId job = a_finished_job();
    const std::string id = std::to_string(job.value);
};

TEST_F(RpcResultsTest, AJobsResultsAreItsExports) {
    EXPECT_EQ(text("get_testjob_results_yaml", {id}), lab.get(url(job, "yaml/")).body);
    EXPECT_EQ(text("get_testjob_results_csv", {id}), lines(lab.get(url(job, "csv/")).body));
    EXPECT_EQ(text("get_testjob_results_yaml", {submit().value}), "[]\n");
}

TEST_F(RpcResultsTest, EveryValueOfAResultIsTextAndOnlyItsMetadataIsAMap) {
    const auto yaml = config::parse_yaml(text("get_testjob_results_yaml", {id}));
    ASSERT_EQ(yaml.as_list()->size(), 5U);
    for (const auto& row : *yaml.as_list()) {
        for (const auto* key : {"name", "job", "suite", "result", "measurement", "unit", "level", "url", "id", "logged",
                                "log_start_line", "log_end_line"})
            EXPECT_TRUE(row.find(key) && row.find(key)->is_string()) << key;
        EXPECT_TRUE(row.find("metadata") && row.find("metadata")->is_map());
    }
    const auto& skipped = (*yaml.as_list())[2];
    EXPECT_EQ(*skipped.find("measurement"), config::Value{"None"});
    EXPECT_EQ(*skipped.find("log_end_line"), config::Value{""});
}

TEST_F(RpcResultsTest, ASuiteIsNamedAndMayComeInPages) {
    EXPECT_EQ(text("get_testjob_suites_list_yaml", {id}),
              "- id: '1'\n  job: '1'\n  name: lava\n- id: '2'\n  job: '1'\n  name: 0_smoke\n");
    EXPECT_EQ(text("get_testjob_suites_list_csv", {id}),
              "\"name\",\"job\",\"id\"\n\"lava\",\"1\",\"1\"\n\"0_smoke\",\"1\",\"2\"\n");
    EXPECT_EQ(text("get_testsuite_results_yaml", {id, "0_smoke"}), lab.get(url(job, "suites/2/yaml/")).body);
    EXPECT_EQ(text("get_testsuite_results_csv", {id, "0_smoke"}), lines(lab.get(url(job, "suites/2/csv/")).body));
    EXPECT_EQ(text("get_testsuite_results_yaml", {id, "0_smoke", 2, 1}),
              lab.get(url(job, "suites/2/yaml/?limit=2&offset=1")).body);
    EXPECT_EQ(text("get_testsuite_results_yaml", {id, "0_smoke", 500, 4}), "[]\n");
    EXPECT_EQ(text("get_testsuite_results_count", {id, "0_smoke"}), "4");
    EXPECT_EQ(text("get_testsuite_results_yaml", {id, "0_smoke", -1}),
              "Fault 400: Bad request: argument 3 must be 0 or more.");
}

TEST_F(RpcResultsTest, ACaseIsAllOfItsName) {
    EXPECT_EQ(text("get_testcase_results_yaml", {id, "0_smoke", "case-skip"}),
              lab.get(url(job, "suites/2/yaml/?limit=1&offset=1")).body);
    EXPECT_THAT(text("get_testcase_results_csv", {id, "0_smoke", "case-skip"}), HasSubstr("\"case-skip\""));
    EXPECT_EQ(text("get_testcase_results_yaml", {id, "lava", "nope"}), "[]\n");
}

TEST_F(RpcResultsTest, WhatIsNotThereIsNamedInLavasWords) {
    EXPECT_EQ(text("get_testjob_results_yaml", {"999999"}), "Fault 404: Specified job not found.");
    EXPECT_EQ(text("get_testsuite_results_yaml", {id, "nope"}), "Fault 404: Specified test suite not found.");
    EXPECT_EQ(text("get_testcase_results_yaml", {id, "nope", "x"}), "Fault 404: Specified test suite not found.");
    EXPECT_EQ(said("results.get_testjob_results_yaml", {id}),
              "Fault 401: Authentication with user and token required for this API.");
    auto personal = definition();
    personal.replace(personal.find("public"), 6, "personal");
    const auto mine = value("scheduler.jobs.submit", {personal}, "alice");
    EXPECT_EQ(text("get_testjob_results_yaml", {mine}), "Fault 401: Permission denied for user to job 2");
}

TEST_F(RpcResultsTest, MetadataIsAListOfSinglePairs) {
    const auto tagged = submit("m", "metadata: {build: 42, kernel: {tree: mainline}}\n");
    EXPECT_EQ(text("get_testjob_metadata", {tagged.value}), "[{'build': '42'}, {'kernel': \"{'tree': 'mainline'}\"}]");
    EXPECT_EQ(text("get_testjob_metadata", {id}), "[]");
}

}  // namespace
}  // namespace patchbay
