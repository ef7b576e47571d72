// SPDX-License-Identifier: Apache-2.0
#pragma once
// Brings the log of a job to a LAVA server while it grows, as lava-run does with --url.

#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"
#include "jobs/runner/upload_plan.hpp"

namespace patchbay {

struct UploadTarget {
    std::string url;  ///< of the server: "http://lava.example.org"
    std::string token;
    std::string job;  ///< "42"
    /// Between two calls while the job runs.
    std::chrono::milliseconds interval{5000};
    std::chrono::milliseconds first_pause = UploadPlan::default_pause;
};

class LogUpload {
public:
    /// `gone` is called once when the server says that it does not know the job.
    LogUpload(asio::any_io_executor executor, UploadTarget target, std::filesystem::path log,
              std::function<void()> gone);
    ~LogUpload();

    /// Called before each look at the log, so that what is buffered gets there; may be empty.
    std::function<void()> flush;

    /// The log has so many bytes now.
    void grew(std::uint64_t bytes);
    /// Done when:    every record was accepted, the server does not know the job, or the log cannot be read for some
    ///               ten minutes. For a server that does not answer it tries for ever.
    Task<> finish();

private:
    Task<> run();
    Task<> wait(std::chrono::milliseconds time);
    Task<> call();

    UploadTarget target_;
    UploadPlan plan_;
    std::function<void()> gone_;
    asio::thread_pool worker_{1};
    Timer wake_;
    bool finishing_ = false;
    bool complained_ = false;
    unsigned unreadable_ = 0;  // times in a row, since the job ended
    TaskGroup group_;
};

}  // namespace patchbay
