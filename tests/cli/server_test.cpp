// SPDX-License-Identifier: Apache-2.0
// What a server may do to a command: go away, come back, get new jobs meanwhile, point elsewhere.
#include <atomic>

#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

using ServerTest = CommandsTest;

TEST_F(ServerTest, JobsThatWereTakenAreNamedWhenALaterOneCannotBeHandedIn) {
    std::ofstream{folder_ / "b.yaml"} << "job_name: second\n";
    std::atomic<int> posts = 0;
    LabServer lab{[&](const LabRequest&, LabConnection& c) {
        const int post = ++posts;
        if (post == 1) return c.answer(201, R"({"job_ids":[42]})");
        if (post == 2) return c.answer(503, R"({"detail":"The lab cannot store its data at the moment."})");
    }};
    const auto submit = [&] {
        return patchbay({"--server", lab.url(), "submit", "--follow", file("job.yaml"), file("b.yaml")});
    };
    EXPECT_EQ(submit(), 1);
    EXPECT_EQ(out(), "42  " + lab.url() + "/scheduler/job/42\n");
    EXPECT_NE(err().find("cannot store its data"), std::string::npos) << err();
    EXPECT_EQ(err().find("may have been taken"), std::string::npos) << err();
    EXPECT_EQ(submit(), 1) << "from now on the connection is closed instead of an answer";
    EXPECT_EQ(out(), "");
    EXPECT_NE(err().find("the job may have been taken: see patchbay jobs --mine"), std::string::npos) << err();
    EXPECT_EQ(posts, 3) << "what may have been taken is not sent again, nor what comes after it";
}

TEST_F(ServerTest, JobsThatWereToldToStopAreNamedWhenTheServerGoesAway) {
    LabServer lab{[](const LabRequest& request, LabConnection& c) {
        if (request.path.find("/43/") != std::string::npos) return c.answer(503, "");
        c.answer(200, R"({"state":"Running"})");
    }};
    EXPECT_EQ(patchbay({"--server", lab.url(), "--json", "cancel", "42", "43"}), 1);
    EXPECT_EQ(out(), "{\"canceled\":[\"42\"]}\n");
}

TEST_F(ServerTest, ARestartOfTheDaemonWhileAJobIsWaitedForIsWaitedOut) {
    // Connections are dropped between the submission and the first event, and right after Finished.
    int events = 0, reports = 0;
    LabServer lab{[&](const LabRequest& request, LabConnection& c) {
        if (request.path.ends_with("/events/") && ++events == 1) return;
        if (request.path == "/api/v0.2/jobs/42/" && ++reports == 2) return;
        serve(request, c);
    }};
    EXPECT_EQ(patchbay({"--server", lab.url(), "submit", "--wait", file("job.yaml")}), 0) << err();
    EXPECT_EQ(events, 2);
    EXPECT_EQ(reports, 3) << "the look at the end of the log, and two for the report";
}

TEST_F(ServerTest, AListIsReadOverAllItsPages) {
    LabServer pages{[](const LabRequest& request, LabConnection& c) {
        const auto offset = request.parameter("offset");
        c.answer(200, R"({"next":)" + std::string{offset == "2" ? "null" : "\"http://wrong.example/\""} +
                          R"(,"results":[{"hostname":"board-)" + offset + R"("}]})");
    }};
    EXPECT_EQ(patchbay({"--server", pages.url(), "devices"}), 0) << err();
    EXPECT_EQ(out(), "DEVICE\nboard-0\nboard-1\nboard-2\n");
}

TEST_F(ServerTest, AJobThatIsSubmittedWhileThePagesAreReadDoublesNoOther) {
    std::int64_t newest = 600;
    LabServer busy{[&](const LabRequest& request, LabConnection& c) {
        const auto below = request.parameter("id__lt"), offset = request.parameter("offset");
        auto id = below.empty() ? newest : std::stoll(below) - 1;
        if (!offset.empty()) id -= std::stoll(offset);
        std::string rows;
        for (auto left = std::stoll(request.parameter("limit")); left > 0 && id > 0; --left, --id)
            rows += (rows.empty() ? "{\"id\":" : ",{\"id\":") + std::to_string(id) + "}";
        c.answer(200, R"({"next":)" + std::string{id > 0 ? "\"http://more.example/\"" : "null"} + R"(,"results":[)" +
                          rows + "]}");
        newest += 3;
    }};
    EXPECT_EQ(patchbay({"--server", busy.url(), "--json", "jobs", "--limit", "1000"}), 0) << err();
    const auto jobs = config::parse_json(out());
    ASSERT_EQ(jobs.as_list()->size(), 600u);
    for (std::size_t i = 0; i < 600; ++i) EXPECT_EQ(text_at((*jobs.as_list())[i], "id"), std::to_string(600 - i));
}

TEST_F(ServerTest, ARedirectIsNotFollowedWithTheToken) {
    LabServer moved{[](const LabRequest&, LabConnection& c) {
        c.send("HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }};
    EXPECT_EQ(patchbay({"--server", moved.url(), "whoami"}), 1);
    EXPECT_NE(err().find("redirects elsewhere"), std::string::npos) << err();
    EXPECT_EQ(moved.requests().size(), 1u);
}

}  // namespace
}  // namespace patchbay::cli
