// SPDX-License-Identifier: Apache-2.0
#pragma once
// A person's lease between those who work with it and its runner.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/console_export.hpp"
#include "daemon/supervise/live_console.hpp"
#include "jobs/journal/session_line.hpp"

namespace patchbay {

class SessionLink {
public:
    /// How long a command waits for a runner that is only beginning.
    static constexpr Clock::duration patience = std::chrono::seconds{20};

    /// Of a job that has a session.
    SessionLink(asio::any_io_executor executor, Store& store, JobId job);

    /// One lease, and one client address, have no use for more.
    static constexpr std::size_t most_exports = 4;

    /// A line for the runner that is connected now; set by who has the connection. False: it takes no more, or there is
    /// none, and the line is dropped.
    std::function<bool(std::string_view line)> say = [](std::string_view) { return false; };
    /// The runner ends the lease by itself, for this reason; set likewise.
    std::function<void(const std::string& why)> ending = [](const std::string&) {};

    /// A runner can be told something.
    void connected();
    void hear(std::string_view line);
    /// The end as stored is another one.
    void end_changed();
    /// The runner is gone. What waits for it gets an answer.
    void over();

    /// What the runner made of it; an error when it has none any more.
    /// Cancellation: the runner does it all the same.
    Task<BoardAnswer> command(BoardCommand command);

    LiveConsole& console() { return *console_; }

    /// The export of this protocol that is there, or a new one. It is cut when the lease ends.
    /// Throws: InfrastructureError, the address cannot be listened at, or there are most_exports.
    const ExportAddress& open_export(ExportProtocol protocol, ExportAddress address, const std::string& user);
    void close_exports() { exports_.clear(); }

    /// Somebody does something with the board that the runner does not see.
    void used() { say(encode(ConsoleKeys{})); }

private:
    struct Waiting {
        explicit Waiting(asio::any_io_executor executor) : answered{executor} {}
        Timer answered;
        std::optional<BoardAnswer> answer;
    };
    Task<> wait(std::shared_ptr<Waiting> waiting);
    void obey(const ComPortWish& wish, const std::string& user);

    asio::any_io_executor executor_;
    Store& store_;
    JobId job_;
    std::shared_ptr<LiveConsole> console_;
    bool connected_ = false;
    bool over_ = false;
    /// Of a command. A runner may still answer those of the daemon before us, so numbers never come again.
    std::int64_t last_ = wall_now().time_since_epoch().count();
    std::map<std::int64_t, std::shared_ptr<Waiting>> waiting_;
    Timer arrival_;
    std::vector<std::unique_ptr<ConsoleExport>> exports_;
};

}  // namespace patchbay
