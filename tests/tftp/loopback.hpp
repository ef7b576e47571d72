// SPDX-License-Identifier: Apache-2.0
#pragma once
// A server of a folder of its own on the loopback device, and clients that say what the test wants.

#include <gtest/gtest.h>
#include <poll.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <optional>

#include "core/clock.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tftp/packet.hpp"
#include "tftp/request_socket.hpp"
#include "tftp/served_file.hpp"
#include "tftp/server.hpp"

namespace patchbay::tftp {

class Loopback {
public:
    explicit Loopback(Limits limits = {}) : server{io.get_executor(), open_root(root.path), limits} {}
    ~Loopback() { stop(); }

    /// Listens there; gives the port.
    std::uint16_t listen(RequestSocket socket) {
        const auto port = socket.address().port();
        server.listen(std::move(socket));
        return port;
    }
    std::uint16_t listen(const std::string& host = "127.0.0.1") {
        return listen(RequestSocket{io.get_executor(), ListenAddress{host, 0}});
    }
    void write(const std::string& name, const std::string& bytes) {
        std::filesystem::create_directories((root / name).parent_path());
        std::ofstream{root / name, std::ios::binary} << bytes;
    }
    /// Lets the server work until `condition` holds; false after ten seconds.
    template <class Condition>
    bool eventually(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        io.restart();
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end) return false;
            if (io.run_one_for(std::chrono::milliseconds{5}) == 0) io.restart();
        }
        return true;
    }
    bool is_idle() {
        return eventually([this] { return server.transfers() == 0; });
    }
    void stop() {
        bool stopped = false;
        asio::co_spawn(io, server.stop(), [&stopped](std::exception_ptr) { stopped = true; });
        EXPECT_TRUE(eventually([&stopped] { return stopped; }));
    }

    testing::TemporaryFolder root;
    asio::io_context io{1};
    Server server;
};

/// One UDP port of a client.
class Client {
public:
    Client(Loopback& lab, std::uint16_t port, const std::string& host = "127.0.0.1")
        : lab_{lab}, server_{asio::ip::make_address(host), port}, socket_{lab.io, Endpoint{local(server_), 0}} {
        socket_.non_blocking(true);
    }

    void ask(const std::string& file, const Options& options = {}, const std::string& mode = "octet") {
        say(format(Request{Direction::read, file, mode, options}), server_);
    }
    /// To the port of the transfer.
    void acknowledge(std::uint16_t block) { say(format(Acknowledgement{block}), from_); }
    void say(const std::string& datagram, const Endpoint& to) { socket_.send_to(asio::buffer(datagram), to); }

    /// The next datagram, in words: "OACK blksize=1468", "DATA 1 <512 bytes>", "ERROR 1 text"; "" when none comes.
    std::string hear() {
        std::string bytes(70'000, '\0');
        std::size_t size = 0;
        const bool came = lab_.eventually([&] {
            boost::system::error_code error;
            size = socket_.receive_from(asio::buffer(bytes), from_, 0, error);
            return !error;
        });
        if (!came) return "";
        return words(parse(std::string_view{bytes}.substr(0, size)));
    }
    bool has_heard_all() const { return socket_.available() == 0; }

    /// Hears and acknowledges to the end; the bytes of the file.
    std::string fetch(const std::string& file, const Options& options = {}) {
        data.clear();
        ask(file, options);
        for (std::uint64_t block = 0;; ++block) {
            const auto heard = hear();
            if (heard.starts_with("OACK")) {
                --block;
            } else if (!heard.starts_with("DATA")) {
                return heard;
            }
            acknowledge(heard.starts_with("OACK") ? 0 : static_cast<std::uint16_t>(block + 1));
            if (heard.starts_with("DATA") && last_length_ < 512) return data;
        }
    }

    const Endpoint& heard_from() const { return from_; }
    Endpoint port() const { return socket_.local_endpoint(); }

    std::string data;  ///< of all blocks

private:
    static asio::ip::address local(const Endpoint& server) {
        return asio::ip::make_address(server.address().is_v6() ? "::1" : "127.0.0.1");
    }
    std::string words(const Packet& packet) {
        if (const auto* error = std::get_if<ErrorMessage>(&packet))
            return "ERROR " + std::to_string(static_cast<int>(error->code)) + " " + error->text;
        if (const auto* block = std::get_if<Data>(&packet)) {
            data += block->bytes;
            last_length_ = block->bytes.size();
            return "DATA " + std::to_string(block->block) + " <" + std::to_string(last_length_) + " bytes>";
        }
        std::string text = "OACK";
        for (const auto& option : std::get<OptionAcknowledgement>(packet).options)
            text += " " + option.name + "=" + option.value;
        return text;
    }

    Loopback& lab_;
    Endpoint server_;
    asio::ip::udp::socket socket_;
    Endpoint from_;
    std::size_t last_length_ = 0;
};

}  // namespace patchbay::tftp
