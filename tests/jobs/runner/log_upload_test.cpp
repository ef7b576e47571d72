// SPDX-License-Identifier: Apache-2.0
// lava-run with --url: the log reaches a LAVA server whole, whatever the server does meanwhile.
#include "jobs/runner/log_upload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "jobs/runner/runner.hpp"
#include "jobs/runner/sinks.hpp"
#include "tests/jobs/runner/lease_files.hpp"
#include "tests/jobs/runner/log_server.hpp"
#include "tests/support/run.hpp"

namespace patchbay {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string record(int number) {
    return "{\"dt\": \"x\", \"lvl\": \"target\", \"msg\": \"line " + std::to_string(number) + "\"}";
}

struct Upload : ::testing::Test {
    TemporaryFolder folder;
    asio::io_context io;
    LogServer server;
    int gone = 0;

    UploadTarget target() const {
        UploadTarget target;
        target.url = server.url() + "/";
        target.token = "secret-token";
        target.job = "42";
        target.interval = 1ms;
        target.first_pause = 1ms;
        return target;
    }

    /// Logs `count` records, half of them before the upload looks, and waits until it is done.
    void upload(int count) {
        LavaRunSink sink{folder.path, LavaRunSink::Echo::none};
        LogUpload upload{io.get_executor(), target(), folder / LavaRunSink::file_name, [this] { ++gone; }};
        sink.grown = [&upload](std::uint64_t bytes) { upload.grew(bytes); };
        for (int i = 0; i < count / 2; ++i) sink.log(record(i));
        sink.flush();
        io.poll();  // the upload has begun
        for (int i = count / 2; i < count; ++i) sink.log(record(i));
        sink.flush();
        testing::run(io, upload.finish());
    }

    void expect_all(int count) const {
        const auto stored = server.stored();
        ASSERT_EQ(stored.size(), static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) ASSERT_EQ(stored[static_cast<std::size_t>(i)], record(i));
    }
};

TEST_F(Upload, OfALogThatIsGoneEnds) {
    LogUpload upload{io.get_executor(), target(), folder / "nothing.yaml", [this] { ++gone; }};
    upload.grew(100);
    testing::run(io, upload.finish());
    EXPECT_TRUE(server.calls().empty());
    EXPECT_EQ(gone, 0);
}

TEST_F(Upload, BringsEveryRecordOnceAndInOrder) {
    upload(2500);
    expect_all(2500);
    for (const auto& call : server.calls()) {
        EXPECT_LE(call.lines.size(), 1000u);
        EXPECT_THAT(call.head, StartsWith("POST /scheduler/internal/v1/jobs/42/logs/ HTTP/1.1\r\n"));
        EXPECT_THAT(call.head, HasSubstr("\r\nLAVA-Token: secret-token\r\n"));
        EXPECT_THAT(call.head, HasSubstr("\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    }
    EXPECT_EQ(gone, 0);
}

TEST_F(Upload, GoesOnBehindWhatTheServerTook) {
    server.takes = 7;
    upload(50);
    expect_all(50);
    EXPECT_GE(server.calls().size(), 8u);
}

TEST_F(Upload, SendsFewerRecordsToAServerThatFindsThemTooMany) {
    server.judge = [](const LogServer::Call& call) {
        return LogServer::Reply{call.lines.size() > 250 ? 413 : 200, ""};
    };
    upload(2400);
    expect_all(2400);
}

TEST_F(Upload, LeavesANoteForTheOneRecordThatIsRefused) {
    server.judge = [](const LogServer::Call& call) {
        for (const auto& line : call.lines) {
            if (line.find("line 17\"") != std::string::npos) return LogServer::Reply{413, ""};
        }
        return LogServer::Reply{};
    };
    upload(30);
    const auto stored = server.stored();
    ASSERT_EQ(stored.size(), 30u);
    EXPECT_EQ(stored[16], record(16));
    EXPECT_THAT(stored[17], HasSubstr(R"("definition": "lava", "case": "log-upload", "result": "fail")"));
    EXPECT_EQ(stored[18], record(18));
}

TEST_F(Upload, TriesUntilTheLogCanBeReadAgain) {
    LavaRunSink sink{folder.path, LavaRunSink::Echo::none};
    const auto log = folder / LavaRunSink::file_name;
    LogUpload upload{io.get_executor(), target(), log, [this] { ++gone; }};
    sink.grown = [&upload](std::uint64_t bytes) { upload.grew(bytes); };
    for (int i = 0; i < 30; ++i) sink.log(record(i));
    sink.flush();
    std::filesystem::rename(log, folder / "away");
    int looks = 0;
    upload.flush = [&] {
        if (++looks == 3) std::filesystem::rename(folder / "away", log);
    };
    testing::run(io, upload.finish());
    expect_all(30);
}

TEST_F(Upload, TriesUntilTheServerIsBack) {
    int calls = 0;
    server.judge = [&calls](const LogServer::Call&) {
        constexpr int answers[] = {500, 502, 404, 301, 403, 503};
        if (calls < 6) return LogServer::Reply{answers[calls++], "<html>not now</html>"};
        if (calls++ == 6) return LogServer::Reply{200, "a proxy's page"};
        return LogServer::Reply{};
    };
    upload(10);
    expect_all(10);
    EXPECT_EQ(gone, 0);
}

TEST_F(Upload, TriesUntilThereIsAServer) {
    // Nobody listens at first: the port belongs to a server that is already gone.
    std::string url;
    {
        const LogServer earlier;
        url = earlier.url();
    }
    LavaRunSink sink{folder.path, LavaRunSink::Echo::none};
    auto options = target();
    options.url = url;
    LogUpload upload{io.get_executor(), options, folder / LavaRunSink::file_name, [this] { ++gone; }};
    sink.grown = [&upload](std::uint64_t bytes) { upload.grew(bytes); };
    sink.log(record(0));
    sink.flush();
    // Each try that fails leaves a timer behind; a dozen are enough to know that it goes on.
    for (int i = 0; i < 12; ++i) io.run_one();
    EXPECT_EQ(gone, 0);
    EXPECT_TRUE(server.stored().empty());
}

TEST_F(Upload, EndsWhenTheServerHasForgottenTheJob) {
    server.judge = [](const LogServer::Call&) { return LogServer::Reply{404, R"({"error": "Unknown job '42'"})"}; };
    upload(10);
    EXPECT_EQ(gone, 1);
    EXPECT_EQ(server.calls().size(), 1u);
}

/// A whole lava-run whose log goes to the server.
struct UploadingRun : Upload {
    LavaRun options;
    Cancellation cancellation;

    void prepare(const std::string& command) {
        write_lease(folder / "lease", folder / "state", passing_job, command);
        options = lava_run_of(folder / "lease", folder / "out");
        options.upload = target();
    }

    bool run() {
        ::testing::internal::CaptureStderr();
        const bool passed = testing::run(io, lava_run(options, cancellation));
        EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
        return passed;
    }
};

TEST_F(UploadingRun, SaysNothingOnStandardErrorAndHidesItsToken) {
    prepare("echo the token is secret-token");
    EXPECT_TRUE(run());
    std::string uploaded;
    for (const auto& line : server.stored()) uploaded += "- " + line + "\n";
    EXPECT_EQ(uploaded, read_file(folder / "out/logs.yaml"));
    EXPECT_THAT(uploaded, HasSubstr("the token is [MASKED]"));
    EXPECT_THAT(server.stored().back(), HasSubstr(R"("case": "job", "definition": "lava", "result": "pass")"));
}

TEST_F(UploadingRun, IsCanceledWhenItsJobIsDeletedOnTheServer) {
    prepare("sleep 1000");
    server.judge = [](const LogServer::Call&) { return LogServer::Reply{404, R"({"error": "Unknown job '42'"})"}; };
    EXPECT_FALSE(run());
    EXPECT_EQ(read_file(folder / "out/result.yaml"),
              "case: job\ndefinition: lava\nerror_msg: The job was deleted on the lava-server\nerror_type: Canceled\n"
              "result: fail\n");
}

TEST_F(UploadingRun, UploadsItsLogThoughTheResultCannotBeWritten) {
    prepare("true");
    std::filesystem::create_directories(folder / "out/result.yaml");
    EXPECT_THROW(run(), InfrastructureError);
    ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(server.stored().back(), HasSubstr(R"("case": "job", "definition": "lava", "result": "pass")"));
}

TEST_F(UploadingRun, UploadsWhyAJobCouldNotEvenBegin) {
    prepare("true");
    options.device = folder / "no-such-device.yaml";
    EXPECT_FALSE(run());
    ASSERT_FALSE(server.stored().empty());
    EXPECT_THAT(server.stored().back(), HasSubstr(R"("error_type": "Infrastructure")"));
    EXPECT_THAT(server.stored().back(), HasSubstr("no-such-device.yaml"));
}

}  // namespace
}  // namespace patchbay
