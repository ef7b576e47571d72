// SPDX-License-Identifier: Apache-2.0
#pragma once
// A whole job on a simulated machine: everything is real but the machine and the clock.
//
//   SimJob job;
//   job.definition = job_text(deploy_block() + boot_block() + test_block("smoke"));
//   job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
//   const auto outcome = job.run();
//   EXPECT_THAT(job.sink.cases(), ElementsAre("lava/validate pass", ...));

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/value.hpp"
#include "core/errors.hpp"
#include "devices/description.hpp"
#include "jobs/actions/cancellation.hpp"
#include "jobs/actions/job_log.hpp"
#include "jobs/actions/run_job.hpp"
#include "jobs/actions/settings.hpp"
#include "tests/support/sim_machine.hpp"

namespace patchbay::testing {

/// Keeps what a reader of the job's log gets.
class RecordingSink final : public RecordSink {
public:
    void log(std::string_view record) override { records.emplace_back(record); }
    void result(std::string_view record) override { records.emplace_back(record); }
    void artifact(const Artifact& artifact) override {
        if (!no_artifacts.empty()) throw InfrastructureError{no_artifacts};
        artifacts[artifact.name] = artifact.bytes;
    }
    void flush() override {}

    /// "lava/validate pass", "0_smoke/a fail", ... in the order of the log.
    std::vector<std::string> cases() const;
    /// The messages of one level.
    std::vector<std::string> texts(std::string_view level) const;
    /// Does some record of this level hold `part`?
    bool has(std::string_view level, std::string_view part) const;
    /// The last results record of this suite and case; null when there is none.
    config::Value result_of(std::string_view suite, std::string_view name) const;
    /// `extra.fail` of an action's result.
    std::string failure_of(std::string_view action) const;
    std::size_t job_results() const;  ///< how many lava/job there are; they should be one

    std::vector<std::string> records;
    std::map<std::string, std::string> artifacts;  ///< content by name
    std::string no_artifacts;                      ///< why none can be written: InfrastructureError with this text
};

/// The parts of a job file. `@FOLDER@` stands for the folder with the files of the job.
std::string job_text(const std::string& actions, const std::string& top = "");
std::string deploy_block();
/// `extra`: further keys, each line indented by four blanks.
std::string boot_block(const std::string& extra = "");
/// An inline definition; its steps are of no interest, the machine's script says what they print.
std::string test_block(const std::string& name, const std::string& extra = "");
/// What lava-test-runner prints for one definition; `cases`: "name result". `\r\n` ends lines.
std::string test_run(const std::string& name, const std::string& uuid, const std::vector<std::string>& cases);
inline constexpr std::string_view test_exit = "<LAVA_TEST_RUNNER EXIT>\r\n";

class SimJob {
public:
    /// On which clock? Commands of a device are real processes, and those need real time.
    enum class Time { simulated, real };
    explicit SimJob(Time time = Time::simulated);
    ~SimJob();
    SimJob(const SimJob&) = delete;

    std::string definition;
    std::string id = "42";
    std::shared_ptr<SimBoard> board = std::make_shared<SimBoard>();
    DeviceDescription description;
    RunnerSettings settings;
    Cancellation cancellation;
    GroupLink* group = nullptr;                ///< of a part of a multinode group
    std::function<void(JobContext&)> prepare;  ///< does what an action before the first one would have done
    RecordingSink sink;
    JobExtent extent = JobExtent::run;
    std::filesystem::path folder;  ///< holds kernel and initrd
    config::Value described;       ///< description.yaml
    /// How far an idle clock is moved.
    Clock::duration step = std::chrono::milliseconds{50};

    /// Cancels the job after so many handlers of the event loop; 0: never.
    std::size_t cancel_after = 0;
    std::function<bool()> cancel_when;  ///< asked whenever all is idle; empty: never
    std::size_t handlers = 0;           ///< that ran until the job ended
    Clock::duration took{0};            ///< simulated time of the job
    bool left_running = false;          ///< something still waited when the job had ended
    /// What a shell line prints in `folder`, both streams.
    std::string tool(const std::string& line) const;
    std::filesystem::path directory() const { return settings.download_dir / id; }

    JobOutcome run();
    /// description.yaml of the job, which is not run. Throws: JobError, no method accepts one of its blocks.
    config::Value tree();

private:
    Definition parsed() const;
    void count(const bool& done);
    void drive(asio::thread_pool& workers, const bool& done);
    std::size_t run_ready(asio::thread_pool& workers, const bool& done);
    std::size_t run_one_ready(asio::thread_pool& workers, const bool& done);

    asio::io_context io_{1};
    Time time_;
};

}  // namespace patchbay::testing
