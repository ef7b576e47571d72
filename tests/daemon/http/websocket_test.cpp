// SPDX-License-Identifier: Apache-2.0
// WebSockets, frame by frame (RFC 6455 section 5); tests/daemon/program/event_clients_test.py has real clients.

#include "tests/daemon/http/server_fixture.hpp"

namespace patchbay {
namespace {

constexpr int text_frame = 1, close_frame = 8, ping_frame = 9, pong_frame = 10;

struct Frame {
    int opcode = -1;  ///< -1: the connection has ended
    std::string payload;

    int code() const {
        return static_cast<unsigned char>(payload.at(0)) * 256 + static_cast<unsigned char>(payload.at(1));
    }
};

class Peer {
public:
    explicit Peer(std::uint16_t port, std::string_view path = "/ws/", std::string_view headers = {}) : client_{port} {
        client_.send("GET " + std::string{path} +
                     " HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
                     std::string{headers} + "\r\n");
        head = client_.read_until("\r\n\r\n");
    }

    /// As a client has to send it: masked, here with zeros.
    static std::string frame(int opcode, std::string_view payload) {
        std::string bytes;
        bytes += static_cast<char>(0x80 | opcode);
        if (payload.size() < 126) {
            bytes += static_cast<char>(0x80 | payload.size());
        } else {
            bytes += static_cast<char>(0x80 | 126);
            bytes += static_cast<char>(payload.size() >> 8);
            bytes += static_cast<char>(payload.size() & 0xFF);
        }
        bytes += std::string(4, '\0');
        bytes += payload;
        return bytes;
    }
    bool send(int opcode, std::string_view payload = {}) { return client_.send(frame(opcode, payload)); }

    Frame read() {
        Frame frame;
        if (!need(2)) return frame;
        std::size_t size = static_cast<unsigned char>(bytes_[1]);
        std::size_t head_size = 2;
        const int more = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (more > 0) {
            size = 0;
            if (!need(2 + static_cast<std::size_t>(more))) return frame;
            for (int i = 0; i < more; ++i) size = size << 8 | static_cast<unsigned char>(bytes_[head_size++]);
        }
        if (!need(head_size + size)) return frame;
        frame.opcode = bytes_[0] & 0x0F;
        frame.payload = bytes_.substr(head_size, size);
        bytes_.erase(0, head_size + size);
        return frame;
    }
    /// The next one that is no ping.
    Frame read_other() {
        for (;;) {
            auto frame = read();
            if (frame.opcode != ping_frame) return frame;
        }
    }
    void close() { client_.close(); }

    std::string head;

private:
    bool need(std::size_t size) {
        while (bytes_.size() < size) {
            const auto more = client_.read_some();
            if (more.empty()) return false;
            bytes_ += more;
        }
        return true;
    }
    HttpClient client_;
    std::string bytes_;
};

class WebSocketTest : public HttpServerTest {
    HttpLimits limits() override {
        HttpLimits small;
        small.websocket_write = 400ms;
        small.websocket_goodbye = 400ms;
        return small;
    }
};

TEST_F(WebSocketTest, AnUpgradeIsAnsweredAndTextsCome) {
    Peer peer{port()};
    EXPECT_TRUE(peer.head.starts_with("HTTP/1.1 101 ")) << peer.head;
    EXPECT_NE(peer.head.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos) << "RFC 6455 section 1.3";
    EXPECT_EQ(peer.head.find("Beast"), std::string::npos) << peer.head;
    const auto hello = peer.read();
    EXPECT_EQ(hello.opcode, text_frame);
    EXPECT_EQ(hello.payload, "hello");
}

TEST_F(WebSocketTest, PingsAreAnsweredAndMessagesIgnored) {
    Peer peer{port()};
    peer.read();
    for (int i = 0; i < 3; ++i) peer.send(text_frame, "what you say");
    peer.send(ping_frame, "are you there");
    const auto pong = peer.read();
    EXPECT_EQ(pong.opcode, pong_frame);
    EXPECT_EQ(pong.payload, "are you there");
}

TEST_F(WebSocketTest, TheServersReasonIsSaidAndAnsweredByTheEnd) {
    release_slow();
    Peer peer{port()};
    peer.read();
    const auto goodbye = peer.read();
    EXPECT_EQ(goodbye.opcode, close_frame);
    EXPECT_EQ(goodbye.code(), 1008);
    EXPECT_EQ(goodbye.payload.substr(2), "enough");
    peer.send(close_frame, goodbye.payload);
    EXPECT_EQ(peer.read().opcode, -1);
}

TEST_F(WebSocketTest, AClientThatClosesIsAnsweredAndItsServingEnds) {
    Peer peer{port()};
    peer.read();
    peer.send(close_frame, std::string_view{"\x03\xe8", 2});
    EXPECT_EQ(peer.read().opcode, close_frame);
    EXPECT_EQ(peer.read().opcode, -1);
    wait_for([&] { return streams_ended.load() == 1; });
}

TEST_F(WebSocketTest, AClientThatGoesEndsItsServing) {
    {
        Peer peer{port()};
        peer.read();
    }
    wait_for([&] { return streams_ended.load() == 1 && server().connections() == 0; });
}

TEST_F(WebSocketTest, AClientThatTakesNothingIsCutOff) {
    Peer peer{port(), "/wsflood/"};
    wait_for([&] { return streams_ended.load() == 1; });
    EXPECT_LT(chunks_written.load() * 64 * 1024, 64 * 1024 * 1024);
}

TEST_F(WebSocketTest, AClientThatDoesNotAnswerAGoodbyeIsCutOff) {
    release_slow();
    Peer peer{port()};
    peer.read();
    EXPECT_EQ(peer.read().opcode, close_frame);
    EXPECT_EQ(peer.read().opcode, -1);
}

TEST_F(WebSocketTest, AStopIsSaid) {
    Peer peer{port()};
    peer.read();
    auto stopped = stop_server();
    const auto goodbye = peer.read();
    EXPECT_EQ(goodbye.opcode, close_frame);
    EXPECT_EQ(goodbye.code(), 1001);
    peer.send(close_frame, goodbye.payload);
    stopped.get();
    EXPECT_EQ(streams_ended.load(), 1);
}

TEST_F(WebSocketTest, AStopDoesNotWaitForAClientThatTakesNothing) {
    Peer peer{port(), "/wsflood/"};
    peer.read();
    stop_server().get();
    EXPECT_EQ(streams_ended.load(), 1);
}

TEST_F(WebSocketTest, BadUpgradesAreRefused) {
    const auto refusal = [&](std::string_view headers) {
        return ask(port(),
                   "GET /ws/ HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\n" + std::string{headers} + "\r\n")
            .status;
    };
    const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    EXPECT_EQ(refusal("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"), 400) << "no key";
    EXPECT_EQ(refusal("Upgrade: websocket\r\nSec-WebSocket-Version: 8\r\n" + key), 426);
    EXPECT_EQ(refusal("Upgrade: other\r\nSec-WebSocket-Version: 13\r\n" + key), 400);
    EXPECT_EQ(ask(port(), "GET /ws/ HTTP/1.0\r\n\r\n").status, 400);
}

TEST_F(WebSocketTest, WhatComesBeforeTheAnswerIsRefused) {
    HttpClient client{port()};
    client.send(
        "GET /ws/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
        "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
        Peer::frame(text_frame, "early"));
    EXPECT_EQ(client.read().status, 400);
}

class WebSocketLimitsTest : public HttpServerTest {
    HttpLimits limits() override {
        HttpLimits small;
        small.websocket_ping = 100ms;
        small.websocket_silence = 700ms;
        small.websocket_message_bytes = 100;
        small.websocket_frames = {1, 20};
        return small;
    }
};

TEST_F(WebSocketLimitsTest, ASilentClientIsAskedAndThenCutOff) {
    Peer peer{port()};
    peer.read();
    EXPECT_EQ(peer.read().opcode, ping_frame);
    EXPECT_EQ(peer.read_other().opcode, -1);
    wait_for([&] { return streams_ended.load() == 1; });
}

TEST_F(WebSocketLimitsTest, AClientThatAnswersStays) {
    Peer peer{port()};
    peer.read();
    for (int i = 0; i < 12; ++i) {  // longer than the silence that is allowed
        const auto ping = peer.read();
        ASSERT_EQ(ping.opcode, ping_frame) << i;
        peer.send(pong_frame, ping.payload);
    }
    EXPECT_EQ(streams_ended.load(), 0);
}

TEST_F(WebSocketLimitsTest, ALargeMessageIsRefused) {
    Peer peer{port()};
    peer.read();
    peer.send(text_frame, std::string(101, 'x'));
    const auto goodbye = peer.read_other();
    ASSERT_EQ(goodbye.opcode, close_frame);
    EXPECT_EQ(goodbye.code(), 1009);
}

TEST_F(WebSocketLimitsTest, AFloodOfMessagesOrPingsIsEnded) {
    for (const int opcode : {text_frame, ping_frame}) {
        Peer peer{port()};
        peer.read();
        for (int i = 0; i < 40; ++i) peer.send(opcode, "x");
        Frame frame;
        do {
            frame = peer.read();
        } while (frame.opcode == ping_frame || frame.opcode == pong_frame);
        ASSERT_EQ(frame.opcode, close_frame) << opcode;
        EXPECT_EQ(frame.code(), 1008);
    }
}

TEST_F(WebSocketLimitsTest, FramesThatAreNotMaskedAreRefused) {
    HttpClient client{port()};
    client.send(
        "GET /ws/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
        "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    client.read_until("hello");
    client.send(std::string_view{"\x81\x01x", 3});
    EXPECT_NE(client.read_until("\x03\xea").find("\x03\xea"), std::string::npos) << "1002";
}

}  // namespace
}  // namespace patchbay
