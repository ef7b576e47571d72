// SPDX-License-Identifier: Apache-2.0
// The least that an HTTP server on Beast can do: one thread, every request gets the same answer. What the daemon's
// answers are compared with. Prints its port on the first line.

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {

struct Answer {
    std::string content_type;
    std::string body;
};

class Session : public std::enable_shared_from_this<Session> {
public:
    Session(asio::ip::tcp::socket socket, const Answer& answer) : stream_{std::move(socket)}, answer_{answer} {}

    void read() {
        request_ = {};
        http::async_read(stream_, buffer_, request_, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (!error) self->write();
        });
    }

private:
    void write() {
        response_ = {http::status::ok, request_.version()};
        response_.set(http::field::content_type, answer_.content_type);
        response_.keep_alive(request_.keep_alive());
        response_.body() = answer_.body;
        response_.prepare_payload();
        http::async_write(stream_, response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
            if (!error) self->read();
        });
    }

    beast::tcp_stream stream_;
    const Answer& answer_;
    beast::flat_buffer buffer_;
    http::request<http::string_body> request_;
    http::response<http::string_body> response_;
};

void accept(asio::ip::tcp::acceptor& acceptor, const Answer& answer) {
    acceptor.async_accept([&](beast::error_code error, asio::ip::tcp::socket socket) {
        if (!error) {
            socket.set_option(asio::ip::tcp::no_delay{true});
            std::make_shared<Session>(std::move(socket), answer)->read();
        }
        accept(acceptor, answer);
    });
}

}  // namespace

int main(int argc, char** argv) {
    std::string file;
    Answer answer{"application/json", "{}"};
    CLI::App app{"Answers every HTTP request with the same bytes"};
    app.add_option("--body-file", file)->required();
    app.add_option("--content-type", answer.content_type);
    CLI11_PARSE(app, argc, argv);

    std::ifstream in{file, std::ios::binary};
    std::ostringstream text;
    text << in.rdbuf();
    answer.body = text.str();

    asio::io_context io{1};
    asio::ip::tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    std::printf("%u\n", static_cast<unsigned>(acceptor.local_endpoint().port()));
    std::fflush(stdout);
    accept(acceptor, answer);
    io.run();
}
