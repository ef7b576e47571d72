// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/upload_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"
#include "tests/jobs/runner/log_server.hpp"

namespace patchbay {
namespace {

struct Plan : ::testing::Test {
    TemporaryFolder folder;
    UploadPlan plan{folder / "logs.yaml", "42"};
    std::string log;

    void add(const std::string& record) {
        log += "- " + record + "\n";
        write_file(folder / "logs.yaml", log);
        plan.grew(log.size());
    }
};

TEST_F(Plan, SendsTheBytesThatLavaRunSends) {
    // The last call of a recorded job: its 13 records from number 615 on.
    const auto recorded =
        read_file(std::filesystem::path{PATCHBAY_SOURCE_DIR} / "tests/compat/golden/worker-protocol/last-upload.form");
    for (int i = 0; i < 615; ++i) log += "- {}\n";
    write_file(folder / "logs.yaml", log);
    plan.grew(log.size());
    plan.next();
    EXPECT_EQ(plan.answered(200, R"({"line_count": 615})"), 0ms);
    ASSERT_TRUE(plan.done());
    const auto text = form_decoded(std::string_view{recorded}.substr(6, recorded.rfind("&index=") - 6));
    log += text + "\n";
    write_file(folder / "logs.yaml", log);
    plan.grew(log.size());
    EXPECT_EQ(plan.next(), recorded);
    EXPECT_EQ(plan.answered(200, R"({"line_count": 13})"), 0ms);
    EXPECT_TRUE(plan.done());
}

TEST_F(Plan, WaitsLongerAfterEachFailureAndForgetsThemAfterASuccess) {
    add("{}");
    std::vector<std::int64_t> pauses;
    for (int i = 0; i < 7; ++i) {
        plan.next();
        pauses.push_back(plan.answered(i % 2 ? 0 : 503, "").count());
    }
    EXPECT_THAT(pauses, ::testing::ElementsAre(5000, 10000, 20000, 40000, 60000, 60000, 60000));
    EXPECT_EQ(plan.answered(200, R"({"line_count": 1})"), 0ms);
    add("{}");
    plan.next();
    EXPECT_EQ(plan.answered(0, ""), 5s);
}

TEST_F(Plan, TakesNoCountThatCannotBe) {
    add("{}");
    for (const auto* body : {R"({"line_count": 2})", R"({"line_count": -1})", R"({"line_count": 0})",
                             R"({"line_count": "1"})", "{}", "[]", "", "<html>"}) {
        plan.next();
        EXPECT_GT(plan.answered(200, body), 0ms) << body;
        EXPECT_FALSE(plan.done());
    }
}

TEST_F(Plan, OnlyTheServersOwnWordEndsIt) {
    add("{}");
    for (const auto* body : {"<html>404</html>", R"({"error": "Unknown job '41'"})", R"({"detail": "Not found."})"}) {
        plan.next();
        EXPECT_GT(plan.answered(404, body), 0ms) << body;
        EXPECT_FALSE(plan.gone());
    }
    plan.next();
    EXPECT_EQ(plan.answered(404, R"({"error": "Unknown job '42'"})"), 0ms);
    EXPECT_TRUE(plan.gone());
    EXPECT_TRUE(plan.done());
}

TEST_F(Plan, KeepsABodyWithinAMegabyteOfLog) {
    const std::string large(90'000, 'x');
    for (int i = 0; i < 40; ++i) add("{\"msg\": \"" + large + "\"}");
    std::size_t calls = 0, sent = 0;
    for (; !plan.done(); ++calls) {
        const auto body = plan.next();
        EXPECT_LT(body.size(), UploadPlan::max_bytes * 11 / 10);
        const auto text = form_decoded(body.substr(6, body.rfind("&index=") - 6));
        const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
        sent += static_cast<std::size_t>(lines);
        ASSERT_EQ(plan.answered(200, "{\"line_count\": " + std::to_string(lines) + "}"), 0ms);
    }
    EXPECT_EQ(sent, 40u);
    EXPECT_EQ(calls, 4u);
}

TEST_F(Plan, SaysWhenTheLogIsNotThere) {
    plan.grew(100);
    EXPECT_THROW(plan.next(), InfrastructureError);
}

}  // namespace
}  // namespace patchbay
