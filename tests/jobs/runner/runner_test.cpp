// SPDX-License-Identifier: Apache-2.0
// Whole runs, as the daemon and as programs that know lava-run start them; jobs that need no machine.
#include "jobs/runner/runner.hpp"
#include "core/clock.hpp"
#include "core/errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "jobs/journal/journal_reader.hpp"
#include "jobs/runner/fence.hpp"
#include "tests/jobs/runner/lease_files.hpp"

namespace patchbay {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Runner : ::testing::Test {
    TemporaryFolder folder;
    std::filesystem::path lease = folder / "lease", state = folder / "state";
    Cancellation cancellation;

    template <class T>
    void run(Task<T> task) {
        asio::io_context io;
        std::exception_ptr failure;
        asio::co_spawn(io, std::move(task), [&failure](std::exception_ptr error, auto...) { failure = error; });
        io.run();
        if (failure) std::rethrow_exception(failure);
    }

    std::vector<std::string> records() {
        std::vector<std::string> texts;
        JournalReader reader{lease / "journal"};
        const auto batch = reader.read(0, 10'000'000);
        EXPECT_EQ(batch.tail, JournalReader::Tail::end);
        for (const auto& record : batch.records) {
            texts.push_back(std::to_string(static_cast<int>(record.kind)) + " " + std::string{record.payload});
        }
        return texts;
    }
};

TEST_F(Runner, OfALeaseLeavesAJournalWithTheOutcomeLast) {
    write_lease(lease, state);
    run(run_lease(lease, cancellation));
    const auto all = records();
    ASSERT_GT(all.size(), 5u);
    EXPECT_EQ(all.front(), R"(3 {"state": "running"})");
    EXPECT_EQ(all.back(), R"(4 {"result": "pass"})");
    EXPECT_THAT(all.at(all.size() - 2), HasSubstr(R"("case": "job")"));
    EXPECT_FALSE(std::filesystem::exists(lease / "control"));
    EXPECT_FALSE(std::filesystem::exists(lease / "tmp" / "42"));
    EXPECT_EQ(read_file(state / "fences/qemu-01"), "12\n");
}

TEST_F(Runner, WhoseDeviceCannotBeSwitchedOffSaysThatItIsNotSafe) {
    write_lease(lease, state);
    set_command(lease, "power_off", "false");
    run(run_lease(lease, cancellation));
    EXPECT_EQ(records().back(), R"(4 {"result": "pass", "safe": false})");
}

TEST_F(Runner, OfAJobThatIsNoYamlHasAnOutcome) {
    write_lease(lease, state, "{ [");
    run(run_lease(lease, cancellation));
    const auto all = records();
    EXPECT_THAT(all.back(), HasSubstr(R"("error_type": "Job")"));
    EXPECT_THAT(all.at(all.size() - 2), HasSubstr(R"("case": "job")"));
}

TEST_F(Runner, OfAnUnknownDriverHasAnOutcome) {
    write_lease(lease, state);
    write_file(lease / "device.yaml", read_file(lease / "device.yaml") + "driver: warp\n");
    run(run_lease(lease, cancellation));
    EXPECT_THAT(records().back(), HasSubstr(R"("error_type": "Configuration")"));
}

TEST_F(Runner, OfADeviceWithoutADriverSaysWhichThereAre) {
    write_lease(lease, state);
    write_file(lease / "device.yaml", read_file(lease / "device.yaml") + "driver: ''\n");
    run(run_lease(lease, cancellation));
    EXPECT_THAT(
        records().back(),
        HasSubstr(
            "device qemu-01 has no hardware: name its capabilities under 'hardware', or a machine's 'driver' (qemu)"));
}

TEST_F(Runner, OfALeaseThatPassedOnTouchesNothing) {
    write_lease(lease, state, passing_job, "touch " + (folder / "touched").string());
    { const FenceLock newer{state, "qemu-01", Fence{13}}; }
    EXPECT_THROW(run(run_lease(lease, cancellation)), InfrastructureError);
    EXPECT_FALSE(std::filesystem::exists(lease / "journal"));
    EXPECT_FALSE(std::filesystem::exists(folder / "touched"));
    EXPECT_THROW(run(make_lease_safe(lease)), InfrastructureError);
}

TEST_F(Runner, CanceledBeforeItBeganStillHasAVerdict) {
    write_lease(lease, state);
    cancellation.request("The job was canceled");
    run(run_lease(lease, cancellation));
    EXPECT_THAT(records().back(), HasSubstr(R"("error_type": "Canceled")"));
}

TEST_F(Runner, MakesALeaseSafeWithoutItsJob) {
    write_lease(lease, state);
    std::filesystem::remove(lease / "job.yaml");
    std::filesystem::create_directories(lease / "tmp" / "42");
    write_file(lease / "tmp" / "42" / "image", "left over");
    run(make_lease_safe(lease));
    run(make_lease_safe(lease));
    EXPECT_FALSE(std::filesystem::exists(lease / "tmp" / "42"));
}

TEST_F(Runner, WithTheArgumentsOfLavaRunWritesItsFiles) {
    const auto link = folder / "out/tmp/42/logs.yaml";
    write_lease(lease, state, passing_job, "sh -c 'echo hello; readlink " + link.string() + "'");
    const auto options = lava_run_of(lease, folder / "out");
    ::testing::internal::CaptureStderr();
    run(lava_run(options, cancellation));
    const auto errors = ::testing::internal::GetCapturedStderr();
    const auto log = read_file(folder / "out/logs.yaml");
    EXPECT_THAT(log, HasSubstr(">> hello"));
    EXPECT_THAT(log, HasSubstr(">> " + (folder / "out/logs.yaml").string()));
    EXPECT_FALSE(std::filesystem::exists(link.parent_path()));
    EXPECT_THAT(errors, HasSubstr(">> hello"));
    EXPECT_EQ(log.rfind("- {\"dt\": ", 0), 0u);
    EXPECT_EQ(read_file(folder / "out/result.yaml"), "case: job\ndefinition: lava\nresult: pass\n");
    const auto description = config::parse_yaml(read_file(folder / "out/description.yaml"));
    ASSERT_NE(description.find("pipeline"), nullptr);
    EXPECT_EQ(description.find("pipeline")->as_list()->size(), 2u);
    EXPECT_FALSE(std::filesystem::exists(folder / "out/tmp"));
}

TEST_F(Runner, WithTheArgumentsOfLavaRunCanOnlyValidate) {
    write_lease(lease, state, passing_job, "touch " + (folder / "touched").string());
    auto options = lava_run_of(lease, folder / "out");
    options.validate_only = true;
    ::testing::internal::CaptureStderr();
    run(lava_run(options, cancellation));
    ::testing::internal::GetCapturedStderr();
    EXPECT_THAT(read_file(folder / "out/logs.yaml"), Not(HasSubstr(">> hello")));
    EXPECT_FALSE(std::filesystem::exists(folder / "touched"));
}

}  // namespace
}  // namespace patchbay
