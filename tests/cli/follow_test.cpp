// SPDX-License-Identifier: Apache-2.0
#include "cli/log/follow.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/cli/lab_server.hpp"

namespace patchbay::cli {
namespace {

using namespace std::chrono_literals;

std::string record(std::int64_t number) {
    return R"({"dt": "2026-01-01T00:00:00.000001", "lvl": "target", "msg": "line )" + std::to_string(number) + "\"}";
}

/// What the listener heard, as one text.
struct Heard : LogListener {
    void line(std::int64_t number, const LogRecord& record) override {
        text += std::to_string(number) + ":" + *record.text.as_string() + ";";
        ++lines;
    }
    void state(const std::string& state, const std::string& health) override { states += state + "/" + health + ";"; }
    void note(const std::string& words) override { notes.push_back(words); }
    void flush() override {}

    std::string text, states;
    std::int64_t lines = 0;
    std::vector<std::string> notes;
};

std::string lines_text(std::int64_t first, std::int64_t end) {
    std::string out;
    for (auto i = first; i < end; ++i) out += std::to_string(i) + ":line " + std::to_string(i) + ";";
    return out;
}

constexpr Patience impatient{1ms, 10ms, 5s, 1ms};

/// A job of ten lines. `stream` answers the requests for events; the rest is as a server has it.
class FollowTest : public ::testing::Test {
protected:
    static constexpr std::int64_t length = 10;
    using Stream = std::function<void(int attempt, const LabRequest&, LabConnection&)>;

    std::int64_t follow_job(Stream stream, std::int64_t start = 0, const Patience& patience = impatient) {
        server_.emplace([this, stream](const LabRequest& request, LabConnection& connection) {
            if (request.path.ends_with("/events/")) return stream(attempts_++, request, connection);
            if (request.path.ends_with("/logs/")) return send_stored(request, connection);
            connection.answer(200, R"({"id":42,"state":"Finished","health":"Complete"})");
        });
        HttpClient http{server_->url(), "secret"};
        Lab lab{http};
        return follow(lab, "42", start, heard_, patience);
    }

    static void send_stored(const LabRequest& request, LabConnection& connection) {
        std::string body;
        for (auto i = std::stoll(request.parameter("start")); i < length; ++i) body += "- " + record(i) + "\n";
        connection.answer(body.empty() ? 404 : 200, body.empty() ? R"({"detail":"Not found."})" : body);
    }

    static void send_lines(LabConnection& connection, std::int64_t first, std::int64_t end) {
        for (auto i = first; i < end; ++i) connection.event("log", std::to_string(i), record(i));
    }
    static void send_rest(const LabRequest& request, LabConnection& connection) {
        connection.start_events();
        connection.event("state", "", R"({"state":"Running","health":"Unknown"})");
        send_lines(connection, std::stoll(request.parameter("start")), length);
        connection.event("state", "", R"({"state":"Finished","health":"Complete"})");
    }

    std::optional<LabServer> server_;
    int attempts_ = 0;
    Heard heard_;
};

TEST_F(FollowTest, ShowsEveryLineUntilTheJobIsFinished) {
    const auto end = follow_job([](int, const LabRequest& request, LabConnection& c) {
        EXPECT_EQ(request.headers.at("authorization"), "Token secret");
        EXPECT_EQ(request.headers.at("accept"), "text/event-stream");
        send_rest(request, c);
    });
    EXPECT_EQ(end, 10);
    EXPECT_EQ(heard_.text, lines_text(0, 10));
    EXPECT_TRUE(heard_.states.starts_with("Running/Unknown;Finished/Complete;")) << heard_.states;
    EXPECT_TRUE(heard_.notes.empty());
}

TEST_F(FollowTest, ALostConnectionLosesAndRepeatsNoLineHoweverItWasCut) {
    std::string whole;
    for (int i = 0; i < 4; ++i) whole += "event: log\nid: " + std::to_string(i) + "\ndata: " + record(i) + "\n\n";
    for (std::size_t cut = 0; cut <= whole.size(); cut += 3) {
        heard_ = {};
        attempts_ = 0;
        follow_job([&](int attempt, const LabRequest& request, LabConnection& c) {
            if (attempt > 0) return send_rest(request, c);
            c.start_events();
            c.send(std::string_view{whole}.substr(0, cut));
        });
        EXPECT_EQ(heard_.text, lines_text(0, 10)) << "cut at byte " << cut;
        EXPECT_EQ(attempts_, 2);
    }
}

TEST_F(FollowTest, AskForTheNextLineAndTellsThePersonWhenTheConnectionWasLost) {
    follow_job([](int attempt, const LabRequest& request, LabConnection& c) {
        if (attempt > 0) {
            EXPECT_EQ(request.parameter("start"), "3");
            EXPECT_EQ(request.headers.at("last-event-id"), "2");
            return send_rest(request, c);
        }
        c.start_events();
        send_lines(c, 0, 3);
    });
    ASSERT_EQ(heard_.notes.size(), 2u);
    EXPECT_EQ(heard_.notes[0], "connection lost at line 3 (the server closed it), trying again…");
    EXPECT_EQ(heard_.notes[1], "connected again");
}

TEST_F(FollowTest, LinesThatTheServerSendsAgainAreShownOnce) {
    follow_job([](int attempt, const LabRequest& request, LabConnection& c) {
        c.start_events();
        if (attempt == 0) return send_lines(c, 0, 5);
        send_lines(c, 2, 10);  // a server that rounds down
        c.event("state", "", R"({"state":"Finished","health":"Complete"})");
        (void)request;
    });
    EXPECT_EQ(heard_.text, lines_text(0, 10));
}

TEST_F(FollowTest, AGapInTheStreamIsAskedForAgain) {
    follow_job([](int attempt, const LabRequest& request, LabConnection& c) {
        if (attempt > 0) return send_rest(request, c);
        c.start_events();
        send_lines(c, 0, 2);
        send_lines(c, 5, 10);
    });
    EXPECT_EQ(heard_.text, lines_text(0, 10));
}

TEST_F(FollowTest, AGapThatStaysIsAnErrorAndNotAnEndlessLoop) {
    try {
        follow_job([](int, const LabRequest&, LabConnection& c) {
            c.start_events();
            send_lines(c, 5, 10);
        });
        FAIL();
    } catch (const UserError& error) {
        EXPECT_NE(std::string{error.what()}.find("line 0 is missing"), std::string::npos) << error.what();
        EXPECT_NE(std::string{error.what()}.find("--start 1"), std::string::npos) << error.what();
    }
}

TEST_F(FollowTest, LinesThatTheStreamDidNotBringBeforeFinishedComeFromTheStoredLog) {
    follow_job([](int, const LabRequest&, LabConnection& c) {
        c.start_events();
        send_lines(c, 0, 7);
        c.event("state", "", R"({"state":"Finished","health":"Complete"})");
    });
    EXPECT_EQ(heard_.text, lines_text(0, 10));
}

TEST_F(FollowTest, BeginsAtTheLineThatWasAskedFor) {
    follow_job([](int, const LabRequest& request, LabConnection& c) { send_rest(request, c); }, 6);
    EXPECT_EQ(heard_.text, lines_text(6, 10));
}

TEST_F(FollowTest, SurvivesARestartOfTheServer) {
    follow_job([](int attempt, const LabRequest& request, LabConnection& c) {
        if (attempt == 0) {
            c.start_events();
            return send_lines(c, 0, 4);
        }
        if (attempt < 4) return c.answer(503, "<html>the proxy is alone</html>");
        send_rest(request, c);
    });
    EXPECT_EQ(heard_.text, lines_text(0, 10));
    EXPECT_EQ(heard_.notes.size(), 2u);
}

TEST_F(FollowTest, GivesUpWithACommandToGoOnWith) {
    try {
        follow_job(
            [](int attempt, const LabRequest&, LabConnection& c) {
                if (attempt > 0) return c.answer(503, "");
                c.start_events();
                send_lines(c, 0, 4);
            },
            0, Patience{1ms, 2ms, 20ms, 1ms});
        FAIL();
    } catch (const UserError& error) {
        EXPECT_NE(std::string{error.what()}.find("patchbay logs 42 -f --start 4"), std::string::npos) << error.what();
    }
    EXPECT_EQ(heard_.text, lines_text(0, 4));
}

TEST_F(FollowTest, AServerWithoutAnEventStreamIsAskedForNewLines) {
    int asked = 0;
    server_.emplace([&](const LabRequest& request, LabConnection& c) {
        if (request.path.ends_with("/events/")) return c.answer(404, R"({"detail":"Not found."})");
        if (!request.path.ends_with("/logs/"))
            return c.answer(200, ++asked < 4 ? R"({"state":"Running","health":"Unknown"})"
                                             : R"({"state":"Finished","health":"Complete"})");
        const auto start = std::stoll(request.parameter("start"));
        std::string body;
        for (auto i = start; i < (asked < 4 ? asked * 2 : 10); ++i) body += "- " + record(i) + "\n";
        c.answer(body.empty() ? 404 : 200, body);
    });
    HttpClient http{server_->url(), ""};
    Lab lab{http};
    EXPECT_EQ(follow(lab, "42", 0, heard_, impatient), 10);
    EXPECT_EQ(heard_.text, lines_text(0, 10));
}

TEST_F(FollowTest, AServerThatIsNotThereIsAnErrorAtOnce) {
    HttpClient http{unreachable_url(), ""};
    Lab lab{http};
    try {
        follow(lab, "42", 0, heard_, impatient);
        FAIL();
    } catch (const ConnectionError& error) {
        EXPECT_EQ(std::string{error.what()},
                  "cannot reach " + http.server() + ": connection refused; is patchbayd running? (patchbayd serve)");
    }
}

}  // namespace
}  // namespace patchbay::cli
