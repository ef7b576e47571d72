// SPDX-License-Identifier: Apache-2.0
#pragma once
// Takes requests, and gives each transfer a session of its own.

#include <list>

#include "core/clock.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/task_group.hpp"
#include "tftp/packet.hpp"
#include "tftp/request_socket.hpp"
#include "tftp/session.hpp"

namespace patchbay::tftp {

struct Limits {
    unsigned transfers = 256;
    /// Boards behind a NAT, and machines with QEMU's user network, share one address.
    unsigned transfers_per_client = 64;
};

class Server {
public:
    /// Must be stopped before it is destroyed, if it has listened.
    Server(asio::any_io_executor executor, FileDescriptor root, Limits limits);

    /// Serves what comes in there, from now on.
    void listen(RequestSocket socket);
    /// Done when: every client was told and no transfer is left.
    Task<> stop();

    std::size_t transfers() const { return sessions_.size(); }

private:
    Task<> take_requests(RequestSocket socket);
    void take(const Arrival& arrival);
    void begin(const Arrival& arrival, Request request);

    asio::any_io_executor executor_;
    FileDescriptor root_;
    Limits limits_;
    std::list<Session> sessions_;
    Timer session_ended_;
    TaskGroup group_;
};

}  // namespace patchbay::tftp
