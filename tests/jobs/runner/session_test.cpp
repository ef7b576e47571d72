// SPDX-License-Identifier: Apache-2.0
// A person's lease in its runner: how it ends, on a clock that is moved by hand.
#include "jobs/runner/session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "jobs/journal/journal_reader.hpp"
#include "jobs/runner/sinks.hpp"
#include "tests/jobs/runner/lease_files.hpp"

namespace patchbay {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

struct Session : ::testing::Test {
    Session() {
        Clock::frozen = true;
        Clock::moved = Clock::duration{1};
        write_lease(folder / "lease", folder / "state");
    }
    ~Session() override { Clock::frozen = false; }

    TemporaryFolder folder;
    asio::io_context io;
    Cancellation cancellation;
    LeaseFolder lease;
    std::optional<JournalWriter> journal;
    std::optional<JournalSink> sink;
    std::optional<JobLog> log;
    std::optional<BoardSession> session;
    std::optional<JobOutcome> outcome;

    /// A board as LAVA's device files describe it; its console says what it hears.
    void plug_in_a_board() {
        const auto on = (folder / "on").string();
        write_file(folder / "lease" / "device.yaml",
                   "hostname: qemu-01\ndevicetype: board\nconstants: {}\nparameters: {}\nactions: {}\ntimeouts: "
                   "{}\ncommands: {connect: cat, power_on: touch " +
                       on + ", power_off: rm -f " + on + "}\n");
    }
    /// A board with drivers of its own; nothing of its supply can be read back.
    void plug_in_a_driven_board(const std::string& console, const std::string& off) {
        const auto on = (folder / "on").string();
        write_file(folder / "lease" / "device.yaml",
                   "hostname: qemu-01\ndevicetype: board\nconstants: {}\nparameters: {}\nactions: {}\ntimeouts: {}\n"
                   "hardware:\n  power: {driver: command, on_command: touch " +
                       on + ", off_command: " + off + "}\n  console: {driver: command, command: " + console + "}\n");
    }
    /// Until the console has said it.
    void await(const std::string& words) {
        std::string shown;
        io.restart();
        for (int i = 0; i < 10'000 && shown.find(words) == std::string::npos; ++i) {
            io.run_one_for(1ms);
            io.restart();
            const auto text = session->lines();
            for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
                if (const auto line = read_session_line(text.substr(at, end - at)); line.piece)
                    shown += line.piece->bytes;
        }
        EXPECT_THAT(shown, HasSubstr(words));
    }
    void begin(const std::string& plan) {
        write_file(folder / "lease" / "lease.json",
                   R"({"lease": 7, "job": 42, "display_id": "42", "device": "qemu-01", "fence": 12, "session": )" +
                       plan + "}");
        lease = read_lease_folder(folder / "lease");
        journal.emplace(JournalWriter::create(folder / "lease" / "journal", {lease.lease, lease.job, lease.fence}));
        sink.emplace(*journal, [](std::int64_t) {});
        log.emplace(*sink);
        session.emplace(io.get_executor(), lease, *log, cancellation, [] {});
        asio::co_spawn(io, session->run(), [this](std::exception_ptr failure, JobOutcome end) {
            EXPECT_FALSE(failure);
            outcome = std::move(end);
        });
        pass(10ms);
    }
    /// Programs of the device take real time, so each step of the clock leaves them some.
    void pass(Clock::duration time, Clock::duration step = 10ms) {
        io.restart();
        for (const auto end = Clock::moved.load() + time; !outcome && Clock::moved.load() < end;) {
            Clock::moved = std::min(end, Clock::moved.load() + step);
            while (io.poll() > 0) continue;
            io.restart();
        }
    }
    /// Until it has ended; what is switched off is waited for.
    void finish(bool safe = true, Clock::duration step = 10ms) {
        io.restart();
        for (int i = 0; !outcome && i < 60'000; ++i) {
            Clock::moved += step;
            io.run_one_for(1ms);
            io.restart();
        }
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->device_is_safe, safe);
    }
    std::vector<std::string> records() {
        std::vector<std::string> texts;
        JournalReader reader{folder / "lease" / "journal"};
        for (const auto& record : reader.read(0, 10'000'000).records) texts.emplace_back(record.payload);
        return texts;
    }
    BoardAnswer obey(const std::string& what, const std::string& value, Clock::duration step = 1ms) {
        BoardCommand command;
        command.number = 5;
        command.what = what;
        command.value = value;
        command.user = "alice";
        session->hear(encode(command));
        io.restart();
        for (int i = 0; i < 10'000; ++i) {
            Clock::moved += step;
            io.run_one_for(1ms);
            io.restart();
            const auto text = session->lines();
            for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
                if (const auto line = read_session_line(text.substr(at, end - at)); line.answer) return *line.answer;
        }
        ADD_FAILURE() << "no answer";
        return {};
    }
};

TEST_F(Session, EndsWhenItsTimeIsOverAndSaysSoBefore) {
    begin(R"({"user": "alice", "note": "soldering", "time": 7200})");
    pass(minutes{114}, 1s);
    EXPECT_THAT(session->lines(), Not(HasSubstr("ends in")));
    pass(minutes{2}, 1s);
    EXPECT_THAT(session->lines(), HasSubstr("ends in 5 minutes"));
    EXPECT_FALSE(outcome);
    pass(minutes{4}, 1s);
    finish();
    EXPECT_TRUE(outcome->passed());
    const auto all = records();
    EXPECT_THAT(all.front(), HasSubstr("lease of device qemu-01 for alice: soldering"));
    EXPECT_THAT(all, Contains(HasSubstr(R"("lvl": "event")")));
    EXPECT_THAT(all, Contains(HasSubstr("its time is over")));
    EXPECT_THAT(all.back(), HasSubstr(R"("case": "job")"));
}

TEST_F(Session, OfWhichTheEndIsMovedEndsThen) {
    begin(R"({"user": "alice", "time": 3600})");
    session->hear(encode(SessionEnd{wall_now() + hours{3}, ""}));
    pass(hours{2}, 1s);
    EXPECT_FALSE(outcome);
    session->hear(encode(SessionEnd{wall_now(), "released by alice"}));
    finish();
    EXPECT_TRUE(outcome->passed());
    EXPECT_THAT(records(), Contains(HasSubstr("released by alice")));
}

TEST_F(Session, ThatNobodyUsesIsReleased) {
    begin(R"({"user": "alice", "time": 86400, "idle_release": 3600})");
    pass(minutes{50}, 1s);
    session->hear(encode(ConsoleKeys{"\r"}));
    pass(minutes{50}, 1s);
    EXPECT_FALSE(outcome) << "it was used";
    pass(minutes{11}, 1s);
    finish();
    EXPECT_THAT(records(), Contains(HasSubstr("nothing was done with it for so long")));
}

TEST_F(Session, ThatIsMadeLongerIsUsed) {
    begin(R"({"user": "alice", "time": 7200, "idle_release": 3600})");
    pass(minutes{58}, 1s);
    session->hear(encode(SessionEnd{wall_now() + hours{3}, ""}));
    pass(minutes{50}, 1s);
    EXPECT_FALSE(outcome);
    session->hear(encode(ConsoleKeys{}));
    pass(minutes{50}, 1s);
    EXPECT_FALSE(outcome) << "an upload is use, too";
    pass(minutes{11}, 1s);
    finish();
}

TEST_F(Session, ThatIsReleasedForIdlenessTellsTheDaemon) {
    begin(R"({"user": "alice", "time": 86400, "idle_release": 3600})");
    pass(minutes{61}, 1s);
    EXPECT_THAT(session->lines(), HasSubstr(R"({"ending":"nothing was done with it for so long"})"));
    finish();
}

TEST_F(Session, IsUsedAsLongAsACommandRunsAndLateCommandsAreNotDone) {
    const auto on = (folder / "on").string();
    write_file(folder / "lease" / "device.yaml",
               "hostname: qemu-01\ndevicetype: board\nconstants: {}\nparameters: {}\nactions: {}\ntimeouts: {}\n"
               "commands: {connect: cat, power_on: sleep 300, power_off: rm -f " +
                   on + ", hard_reset: touch " + on + "}\n");
    begin(R"({"user": "alice", "time": 7200, "idle_release": 30})");
    std::int64_t number = 1;
    const auto order = [&](const std::string& what) {
        BoardCommand command;
        command.number = number++;
        command.what = what;
        command.value = what == "power" ? "on" : "";
        session->hear(encode(command));
    };
    order("power");
    pass(10ms);
    order("power");
    for (std::size_t i = 0; i < BoardSession::most_commands; ++i) order("reset");
    EXPECT_THAT(session->lines(), HasSubstr("16 commands wait already behind 'power'; try again"));
    pass(minutes{1}, 1s);
    EXPECT_FALSE(outcome) << "the supply takes its time";
    // The switch has two minutes, then it is given up; what waited behind it has no one who waits for it.
    std::string said;
    for (int i = 0; i < 400 && said.find("waited too long") == std::string::npos; ++i) {
        Clock::moved += 1s;
        io.run_one_for(1ms);
        io.restart();
        said += session->lines();
    }
    EXPECT_THAT(said, HasSubstr("it waited too long behind other commands, and was not done"));
    EXPECT_FALSE(std::filesystem::exists(folder / "on"));
    session->hear(encode(SessionEnd{wall_now(), "released by alice"}));
    finish();
}

TEST_F(Session, ThatIsCanceledIsNoPass) {
    begin(R"({"user": "alice", "time": 3600})");
    cancellation.request("The job was canceled");
    finish();
    ASSERT_FALSE(outcome->passed());
    EXPECT_EQ(*outcome->error, ErrorType::canceled);
}

TEST_F(Session, SwitchesByTheCommandsOfADeviceFileAndSwitchesOffAtItsEnd) {
    plug_in_a_board();
    begin(R"({"user": "alice", "time": 3600})");
    const auto done = obey("power", "on");
    EXPECT_EQ(done.error, "");
    EXPECT_EQ(done.text, "power is on; it cannot be read back");
    EXPECT_EQ(done.verified, false);
    EXPECT_TRUE(std::filesystem::exists(folder / "on"));
    EXPECT_EQ(obey("power", "status").state, "unknown");
    session->hear(encode(SessionEnd{wall_now(), "released by alice"}));
    finish();
    EXPECT_FALSE(std::filesystem::exists(folder / "on"));
    EXPECT_THAT(records(), Contains(HasSubstr("alice: power on: power is on; it cannot be read back")));
}

TEST_F(Session, AnswersWithWhatIsWrongAndWhatToDo) {
    plug_in_a_board();
    begin(R"({"user": "alice", "time": 3600})");
    EXPECT_EQ(obey("power", "sideways").error, "power: 'sideways' is none of on, off, cycle, status");
    EXPECT_EQ(
        obey("reset", "").error,
        "device qemu-01 has no reset; give it 'line: {reset: …}' under 'hardware', or commands.hard_reset, or cycle "
        "its power");
    EXPECT_EQ(obey("break", "").error,
              "device qemu-01 has no serial port of its own; break goes only to a console on one");
    EXPECT_EQ(obey("storage", "host").error, "device qemu-01 has no storage; give it 'storage' under 'hardware'");
    cancellation.request("The job was canceled");
    finish();
}

TEST_F(Session, WhatTheBoardSaysIsShownAndLogged) {
    plug_in_a_board();
    begin(R"({"user": "alice", "time": 3600})");
    session->hear(encode(ConsoleKeys{"hello\r"}));
    await("hello");
    session->connected();
    EXPECT_THAT(session->lines(), HasSubstr(R"("at":0)")) << "a new daemon gets it all";
    session->hear(encode(SessionEnd{wall_now(), "released by alice"}));
    finish();
    EXPECT_THAT(records(), Contains(HasSubstr(R"("lvl": "target", "msg": "hello")")));
    EXPECT_THAT(records(), Not(Contains(HasSubstr(R"("lvl": "input")")))) << "it may be a password";
}

TEST_F(Session, ASupplyThatCannotBeReadBackIsBelievedWhenTheConsoleFallsSilent) {
    plug_in_a_driven_board("sh -c 'echo U-Boot; cat'", "rm -f " + (folder / "on").string());
    begin(R"({"user": "alice", "time": 3600})");
    await("U-Boot");
    EXPECT_EQ(obey("power", "on").text, "power is on; it cannot be read back");
    const auto done = obey("power", "off");
    EXPECT_EQ(done.text, "power is off: the console is silent");
    EXPECT_EQ(done.verified, true);
    session->hear(encode(SessionEnd{wall_now(), "released by alice"}));
    finish();
    EXPECT_THAT(records(), Contains(HasSubstr(R"("msg": "power is off: the console is silent")")));
}

TEST_F(Session, ABoardThatStillSpeaksIsNotOffAndItsDeviceIsNotSafe) {
    plug_in_a_driven_board("sh -c 'while echo login; do sleep 0.001; done'", "'true'");
    begin(R"({"user": "alice", "time": 3600})");
    await("login");
    const std::string still_on = "device qemu-01: power: contact of the commands 'touch " + (folder / "on").string() +
                                 "' and 'true' was switched off, but the board still speaks on its console: 'login";
    EXPECT_THAT(obey("power", "cycle", 2ms).error, HasSubstr(still_on));
    EXPECT_FALSE(std::filesystem::exists(folder / "on")) << "it was not switched on again";
    session->hear(encode(SessionEnd{wall_now(), "released by alice"}));
    finish(false, 2ms);
    EXPECT_THAT(records(), Contains(HasSubstr("the device could not be brought to its safe state: " + still_on)));
}

}  // namespace
}  // namespace patchbay
