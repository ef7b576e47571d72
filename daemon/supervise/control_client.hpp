// SPDX-License-Identifier: Apache-2.0
#pragma once
// The daemon's end of the control socket (docs/lease-folder.md): hears that there is more, says that it is over.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "core/process/file_descriptor.hpp"
#include "core/task.hpp"

namespace patchbay {

class ControlClient {
public:
    /// `more` is called whenever the runner says something.
    ControlClient(asio::any_io_executor executor, const std::filesystem::path& folder, std::function<void()> more);

    /// Connects as soon as the socket is there, and again when the connection is lost; listens until cancelled.
    Task<> run();
    /// Asks the runner to stop, now or as soon as it listens.
    void cancel(std::string reason);
    /// Did a connected runner get the request?
    bool cancel_sent() const { return cancel_sent_; }

private:
    bool connect();
    Task<> wait_for_arrival();
    void send_cancel();

    asio::any_io_executor executor_;
    FileDescriptor folder_;  // the path of a lease's folder may be longer than a socket address can be
    std::function<void()> more_;
    asio::local::stream_protocol::socket socket_;
    asio::posix::stream_descriptor arrivals_;
    std::string cancel_reason_;
    bool cancel_sent_ = false;
};

}  // namespace patchbay
