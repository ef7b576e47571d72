// SPDX-License-Identifier: Apache-2.0
#pragma once
// What people wish of the boards of their leases, while it is done and for a while after: a switch may take minutes and
// an image hours, which no request lives. Gone with the daemon; the log of the lease has each of them.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"
#include "daemon/store/rows.hpp"
#include "jobs/journal/session_line.hpp"

namespace patchbay {

class BoardCommands {
public:
    /// Of one lease at once.
    static constexpr std::size_t most_under_way = 8;
    /// Of all leases, of those that are done.
    static constexpr std::size_t most_kept = 256;

    struct Entry {
        JobId job;
        std::string what;                   ///< "power cycle"
        bool done = false;                  ///< then one of these says how it went
        std::optional<BoardAnswer> answer;  ///< of the runner, which may be an error
        std::exception_ptr failure;         ///< it never came to the runner
    };

    explicit BoardCommands(asio::any_io_executor executor) : executor_{executor}, group_{executor} {}

    /// Begins `work`, which is done whether somebody waits for it or not. Its number is never given again, also by no
    /// later daemon; nullopt: as many are under way as may be.
    std::optional<std::int64_t> start(JobId job, std::string what, Task<BoardAnswer> work);
    /// nullptr: the lease has no such command, or it was long ago.
    std::shared_ptr<const Entry> find(JobId job, std::int64_t number) const;
    /// Done when: it is done, or `patience` is over. Cancellation: throws; the command goes on.
    Task<> wait(std::int64_t number, Clock::duration patience);
    /// Is one of this kind under way? `what`: its first word.
    bool under_way(JobId job, const std::string& what) const;

    /// The daemon ends; the runners do what they do.
    Task<> stop();

private:
    struct Waited : Entry {
        explicit Waited(asio::any_io_executor executor) : is_done{executor} {}
        Timer is_done;
    };
    static Task<> run(std::shared_ptr<Waited> entry, Task<BoardAnswer> work);
    void forget_oldest();

    asio::any_io_executor executor_;
    std::map<std::int64_t, std::shared_ptr<Waited>> all_;
    std::int64_t last_ = 0;
    TaskGroup group_;
};

}  // namespace patchbay
