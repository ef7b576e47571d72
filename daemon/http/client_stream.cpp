// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client_stream.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "daemon/http/client_stream_tls.hpp"

namespace patchbay {

ClientStream::ClientStream(Socket socket, std::shared_ptr<asio::ssl::context> context)
    : socket_{std::move(socket)}, tls_{context ? std::make_unique<Tls>(socket_, *context) : nullptr} {}

ClientStream::~ClientStream() = default;

Task<> ClientStream::handshake(asio::thread_pool& worker) {
    // No slot: asio would emit a cancellation from this thread while the other one works.
    const auto error = co_await asio::co_spawn(
        worker, tls_->handshake(), asio::bind_cancellation_slot(asio::cancellation_slot{}, asio::use_awaitable));
    if (error) throw boost::system::system_error{error};
}

void ClientStream::end_handshake(const std::shared_ptr<ClientStream>& stream, asio::thread_pool& worker) {
    asio::post(worker, [stream] {
        if (!stream->tls_->greeted) stream->cancel();
    });
}

Task<std::size_t> ClientStream::read_some(asio::mutable_buffer buffer, boost::system::error_code& error) {
    if (tls_) co_return co_await tls_->stream.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
    co_return co_await socket_.async_read_some(buffer, asio::redirect_error(asio::use_awaitable, error));
}

Task<> ClientStream::write(std::array<asio::const_buffer, 2> buffers) {
    if (tls_) {
        co_await asio::async_write(tls_->stream, buffers, asio::use_awaitable);
    } else {
        co_await asio::async_write(socket_, buffers, asio::use_awaitable);
    }
}

void ClientStream::limit_unsent(int bytes) {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::send_buffer_size{bytes}, ignored);
}

void ClientStream::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void ClientStream::stop_reading() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_receive, ignored);
}

void ClientStream::stop_writing() {
    boost::system::error_code ignored;
    if (!tls_) socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

Task<> ClientStream::close() {
    boost::system::error_code ignored;
    if (tls_) {
        stop_reading();  // asio would wait for the client's goodbye
        co_await tls_->stream.async_shutdown(asio::redirect_error(asio::use_awaitable, ignored));
    }
    socket_.shutdown(asio::socket_base::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace patchbay
