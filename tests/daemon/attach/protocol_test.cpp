// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/protocol.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(WorkerProtocol, ThePingOfARealServerIsRead) {
    const auto answer = read_ping(
        R"({"cancel": [{"id": 65, "token": "2cd4UXm1sGxcdsZ3kyKLMvuOf4DIqtI6"}], "running": [], "start": [{"id": 64, "token": "PC"}]})");
    ASSERT_EQ(answer.cancel.size(), 1u);
    EXPECT_EQ(answer.cancel[0], (RemoteJob{65, "2cd4UXm1sGxcdsZ3kyKLMvuOf4DIqtI6"}));
    EXPECT_TRUE(answer.running.empty());
    EXPECT_EQ(answer.start, (std::vector<RemoteJob>{{64, "PC"}}));
}

TEST(WorkerProtocol, APingThatCannotBeRightIsRefusedAsAWhole) {
    for (const auto* body :
         {"", "{}", "[]", "null", "<html>", R"({"cancel": [], "running": []})",
          R"({"cancel": [], "running": [], "start": {}})", R"({"cancel": [], "running": [], "start": [4]})",
          R"({"cancel": [], "running": [], "start": [{"id": 4}]})",
          R"({"cancel": [], "running": [], "start": [{"id": 0, "token": "x"}]})",
          R"({"cancel": [], "running": [], "start": [{"id": "4", "token": "x"}]})",
          R"({"cancel": [], "running": [], "start": [{"id": 4, "token": "x\r\nX-Evil: 1"}]})",
          R"({"cancel": [], "running": [], "start": [{"id": 99999999999999999999, "token": "x"}]})"})
        EXPECT_THROW(read_ping(body), BadAnswer) << body;
    EXPECT_THROW(read_ping(std::string(longest_ping + 1, ' ')), BadAnswer);
}

TEST(WorkerProtocol, AJobNeedsItsDefinitionAndItsDevice) {
    const auto files = read_job_files(R"({"definition": "a: 1\n", "device": "", "env": null})");
    EXPECT_EQ(files.definition, "a: 1\n");
    EXPECT_THROW(read_job_files(R"({"definition": "a: 1\n"})"), BadAnswer);
    EXPECT_THROW(read_job_files(R"({"definition": {}, "device": ""})"), BadAnswer);
}

TEST(WorkerProtocol, NoMoreLinesAreTakenThanWereSent) {
    EXPECT_EQ(read_line_count(R"({"line_count": 13})", 13), 13);
    EXPECT_THROW(read_line_count(R"({"line_count": 14})", 13), BadAnswer);
    EXPECT_THROW(read_line_count(R"({"line_count": -1})", 13), BadAnswer);
    EXPECT_THROW(read_line_count("{}", 13), BadAnswer);
}

TEST(WorkerProtocol, OnlyTheExactWordsSayThatAJobIsGone) {
    EXPECT_TRUE(is_unknown_job(404, R"({"error": "Unknown job '7'"})", 7));
    EXPECT_FALSE(is_unknown_job(404, R"({"error": "Unknown job '8'"})", 7));
    EXPECT_FALSE(is_unknown_job(400, R"({"error": "Unknown job '7'"})", 7));
    EXPECT_FALSE(is_unknown_job(404, "<html>Unknown job '7'</html>", 7));
    EXPECT_FALSE(is_unknown_job(404, "", 7));
}

TEST(WorkerProtocol, TheVersionThatAServerWantsIsInItsRefusal) {
    EXPECT_EQ(wanted_version("Version mismatch '2023.01' vs '2026.07.1'"), "2026.07.1");
    EXPECT_EQ(wanted_version("Version mismatch '2023.01' vs '2026.07\r\nX: 1'"), "");
    EXPECT_EQ(wanted_version("Version mismatch"), "");
    EXPECT_EQ(wanted_version(""), "");
}

TEST(WorkerProtocol, TheNameOfADeviceIsInItsDescription) {
    EXPECT_EQ(device_hostname("hostname: board-1\nconstants: {}\n"), "board-1");
    EXPECT_EQ(device_hostname("constants: {}\n"), "");
    EXPECT_EQ(device_hostname("hostname: [x]\n"), "");
    EXPECT_EQ(device_hostname("{"), "");
}

TEST(WorkerProtocol, ARegistrationIsATokenThatAHeaderCanCarry) {
    EXPECT_EQ(read_registration(R"({"name": "bench", "token": "abc"})"), "abc");
    EXPECT_THROW(read_registration(R"({"name": "bench"})"), BadAnswer);
    EXPECT_THROW(read_registration(R"({"token": "a\r\nX: 1"})"), BadAnswer);
    EXPECT_THROW(read_registration("<html>"), BadAnswer);
}

TEST(WorkerProtocol, TheDeviceOfAJobIsShownToEverybody) {
    EXPECT_EQ(read_shown_device(R"({"id": 7, "actual_device": "board-1"})"), "board-1");
    EXPECT_EQ(read_shown_device(R"({"id": 7, "actual_device": null})"), "");
    EXPECT_THROW(read_shown_device("<html>"), BadAnswer);
}

TEST(WorkerProtocol, AnEventCallsWhenAJobOfThisWorkerIsToBeginOrToStop) {
    const auto event = [](const std::string& topic, const std::string& data) {
        return read_event(R"(["org.lavasoftware)" + topic + R"(", "id", "time", "alice", ")" + data + R"("])", "bench");
    };
    const auto job = [](const std::string& worker, const std::string& state) {
        return R"({\"job\": 7, \"state\": \")" + state + R"(\", \"worker\": \")" + worker +
               R"(\", \"device\": \"board-1\"})";
    };
    for (const auto* state : {"Scheduled", "Canceling"}) EXPECT_TRUE(event(".testjob", job("bench", state)).calls);
    EXPECT_EQ(event(".testjob", job("bench", "Scheduled")).device, "board-1");
    EXPECT_EQ(event(".testjob", job("bench", "Scheduled")).job, 7);
    EXPECT_FALSE(event(".testjob", job("bench", "Running")).calls);
    EXPECT_EQ(event(".testjob", job("bench", "Running")).job, 7);
    EXPECT_EQ(event(".testjob", job("other", "Scheduled")).job, 0);
    EXPECT_EQ(event(".device", job("bench", "Scheduled")).job, 0);
    EXPECT_EQ(event(".testjob", "no JSON").job, 0);
    EXPECT_EQ(read_event(R"({"error": "Unknown worker"})", "bench").refusal, "Unknown worker");
    for (const auto* text : {"", "[]", "7", "[1, 2, 3, 4, 5]", "{"}) {
        EXPECT_EQ(read_event(text, "bench").job, 0) << text;
        EXPECT_EQ(read_event(text, "bench").refusal, "") << text;
    }
}

TEST(WorkerProtocol, AFormCarriesEveryByte) {
    EXPECT_EQ(form_encoded("- {\"a\": \"b&c=d+e\"}\n\xC3\xA9"), "-+%7B%22a%22%3A+%22b%26c%3Dd%2Be%22%7D%0A%C3%A9");
}

}  // namespace
}  // namespace patchbay
