// SPDX-License-Identifier: Apache-2.0
#pragma once
// One client that fetches one file: the socket, the clock and the file around a Transfer, on a thread of its own.

#include <spdlog/common.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "core/clock.hpp"
#include "core/process/file_descriptor.hpp"
#include "tftp/request_socket.hpp"
#include "tftp/served_file.hpp"
#include "tftp/transfer.hpp"

namespace patchbay::tftp {

/// A thread, because a board waits for each block: one that sleeps in recv() is awake in a third of the time that one
/// in epoll_wait() needs (measured: 90 against 37 MiB/s), and it may wait for a disk without holding up another board.
class Session {
public:
    enum class Interruption { none, replaced, stopped };

    /// Throws: std::system_error, no socket can be had for the client. `root` must outlive it.
    Session(const Arrival& arrival, Request request, int root);
    /// Waits for its thread; interrupt() it before.
    ~Session();

    /// Sends the file, and logs what came of it. `ended` is the last that the thread calls.
    void start(std::function<void()> ended);
    /// The client asks anew, or the server stops; of that the client is told.
    void interrupt(Interruption why);

    const Endpoint& client() const { return client_; }
    bool is_interrupted() const { return interruption_ != Interruption::none; }
    /// Does this request come again because our first answer has not arrived yet?
    bool is_repeated_by(const Request& request) const { return !heard_ && request == request_; }

private:
    void run();
    void serve();
    void carry_out(const Step& step, FileWindow& window);
    void send_block(std::uint64_t block, std::string_view bytes);
    std::optional<Packet> receive();
    void say(const Packet& packet);
    void log(spdlog::level::level_enum level, const std::string& reason) const;

    const Endpoint client_;
    const Request request_;
    const int root_;
    FileDescriptor socket_;
    std::optional<Transfer> transfer_;
    const Clock::time_point begin_ = Clock::now();
    Clock::time_point deadline_;
    std::chrono::seconds wakes_after_{0};  ///< as the socket was told
    std::atomic<bool> heard_ = false;
    std::atomic<Interruption> interruption_ = Interruption::none;
    std::thread thread_;
};

/// Answers a request with an error. Throws: std::system_error.
void refuse(const Arrival& arrival, ErrorCode code, const std::string& text);

}  // namespace patchbay::tftp
