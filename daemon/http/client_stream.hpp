// SPDX-License-Identifier: Apache-2.0
#pragma once
// The bytes of one client, in the clear or through TLS.

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "core/task.hpp"

namespace boost::asio::ssl {
class context;
}

namespace patchbay {

class ClientStream {
public:
    using Socket = asio::generic::stream_protocol::socket;

    /// With a `context` the client has to speak TLS.
    explicit ClientStream(Socket socket, std::shared_ptr<asio::ssl::context> context = {});
    ~ClientStream();
    ClientStream(const ClientStream&) = delete;
    ClientStream& operator=(const ClientStream&) = delete;

    bool is_tls() const { return tls_ != nullptr; }

    /// TLS's greeting, on `worker`, of one thread: its signature costs as much as ten requests, and a crowd that greets
    /// must not keep those waiting who are served. Nothing else is called until it is done, but end_handshake().
    /// Throws: boost::system::system_error.
    Task<> handshake(asio::thread_pool& worker);
    /// From another thread; the handshake then fails soon.
    static void end_handshake(const std::shared_ptr<ClientStream>& stream, asio::thread_pool& worker);

    /// 0 with an error: nothing more comes, or cancel() was called.
    Task<std::size_t> read_some(asio::mutable_buffer buffer, boost::system::error_code& error);
    /// Throws: boost::system::system_error, the client has gone or cancel() was called.
    Task<> write(std::array<asio::const_buffer, 2> buffers);

    /// The system keeps at most about so much of what is written and not taken.
    void limit_unsent(int bytes);
    /// What waits ends with an error.
    void cancel();
    /// What waits for bytes ends as if the client had hung up.
    void stop_reading();
    /// The client learns that no more comes; in TLS by close() alone.
    void stop_writing();
    /// Says goodbye, in TLS by its own message, without waiting for the client's.
    Task<> close();

    class Layer;  ///< the same for Beast's WebSocket

private:
    struct Tls;
    Socket socket_;
    std::unique_ptr<Tls> tls_;
};

}  // namespace patchbay
