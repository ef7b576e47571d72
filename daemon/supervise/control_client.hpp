// SPDX-License-Identifier: Apache-2.0
#pragma once
// The daemon's end of the control socket (docs/lease-folder.md): hears that there is more and what a session says, says
// that it is over, what calls to a multinode group were answered, and what people want.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/task.hpp"

namespace patchbay {

class ControlClient {
public:
    static constexpr std::size_t most_waiting = 1024 * 1024;

    /// `more` is called whenever the runner says something, `connected` when it has become possible to say() something.
    ControlClient(asio::any_io_executor executor, const std::filesystem::path& folder, std::function<void()> more,
                  std::function<void()> connected);

    /// Gets each line that is not about the journal; may be empty.
    std::function<void(std::string_view line)> heard;

    /// Connects as soon as the socket is there, and again when the connection is lost; listens until cancelled.
    Task<> run();
    /// Sends what the socket did not take at once; until cancelled.
    Task<> write();
    /// A line for the runner that is connected now; lost when there is none or the connection breaks.
    void say(std::string_view line);
    /// Does so much wait for the runner that more is not said?
    bool is_full() const { return outgoing_.size() > most_waiting; }
    /// Asks the runner to stop, now or as soon as it listens.
    void cancel(std::string reason);
    /// Did a connected runner get the request?
    bool cancel_sent() const { return cancel_sent_; }

private:
    bool connect();
    Task<> wait_for_arrival();
    void disconnect();
    void send_cancel();
    void send_some();
    void take(std::string_view bytes);

    asio::any_io_executor executor_;
    FileDescriptor folder_;  // the path of a lease's folder may be longer than a socket address can be
    std::function<void()> more_, connected_;
    asio::local::stream_protocol::socket socket_;
    asio::posix::stream_descriptor arrivals_;
    std::string cancel_reason_;
    bool cancel_waits_ = false;  // it is in outgoing_
    bool cancel_sent_ = false;
    std::string outgoing_, incoming_;
    Timer has_outgoing_;
};

}  // namespace patchbay
