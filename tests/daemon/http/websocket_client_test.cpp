// SPDX-License-Identifier: Apache-2.0
// We as the client of a WebSocket, against our own server.
#include "daemon/http/websocket_client.hpp"

#include "core/errors.hpp"
#include "core/task_group.hpp"
#include "tests/daemon/http/server_fixture.hpp"

namespace patchbay {
namespace {

TEST(WebSocketAddressTest, IsReadFromAUrl) {
    using Address = WebSocketAddress;
    const std::pair<const char*, Address> cases[] = {
        {"https://lava.example.com/ws/", {true, "lava.example.com", "443", "lava.example.com", "/ws/"}},
        {"http://lava.example.com:8000/lava/ws/",
         {false, "lava.example.com", "8000", "lava.example.com:8000", "/lava/ws/"}},
        {"http://[::1]:8000/ws/", {false, "::1", "8000", "[::1]:8000", "/ws/"}},
        {"http://[::1]/ws/", {false, "::1", "80", "[::1]", "/ws/"}},
        {"http://lab", {false, "lab", "80", "lab", "/"}},
    };
    for (const auto& [url, address] : cases) EXPECT_EQ(read_websocket_address(url), address) << url;
    for (const auto* bad : {"", "ws://lab/", "http:///ws/", "http://lab:/ws/", "lab/ws/"})
        EXPECT_FALSE(read_websocket_address(bad)) << bad;
}

class WebSocketClientTest : public HttpServerTest {
protected:
    WebSocketClientTest() {
        listening.headers = {{"LAVA-Host", "bench"}};
        listening.opened = [this] { ++opened; };
        listening.hear = [this](const std::string& text) { heard += text; };
        group.on_failure([this](const std::string&, std::exception_ptr failure) { problem = describe(failure); });
    }
    /// Why it ended.
    std::string listen(const std::string& path) {
        start(path);
        own.run();
        return problem;
    }
    void start(const std::string& path) {
        listening.address = *read_websocket_address("http://127.0.0.1:" + std::to_string(port()) + path);
        group.spawn("client", listen_by_websocket(listening));
    }
    std::string where(const std::string& path) { return "events of 127.0.0.1:" + std::to_string(port()) + path + ": "; }

    asio::io_context own;
    TaskGroup group{own.get_executor()};
    Listening listening;
    int opened = 0;
    std::string heard, problem;
};

TEST_F(WebSocketClientTest, HearsWhatIsSaidAndWhyItEnds) {
    listening.hear = [this](const std::string& text) {
        heard += text;
        release_slow();
    };
    EXPECT_EQ(listen("/ws/"), where("/ws/") + "the server has closed it: enough");
    EXPECT_EQ(heard, "hello");
    EXPECT_EQ(opened, 1);
}

TEST_F(WebSocketClientTest, IsToldWhatTheServerAnswersInstead) {
    EXPECT_EQ(listen("/other/"), where("/other/") + "the server answers 200 instead of a WebSocket");
    EXPECT_EQ(opened, 0);
}

TEST_F(WebSocketClientTest, HearsThatTheServerStops) {
    std::future<void> stopped;
    listening.hear = [&](const std::string&) { stopped = stop_server(); };
    EXPECT_EQ(listen("/ws/"), where("/ws/") + "the server has closed it: the lab's daemon stops; come again");
    stopped.get();
}

TEST_F(WebSocketClientTest, IsNobodyThereItSaysSo) {
    listening.address = *read_websocket_address("http://127.0.0.1:1/ws/");
    group.spawn("client", listen_by_websocket(listening));
    own.run();
    EXPECT_EQ(problem, "events of 127.0.0.1:1/ws/: no connection: Connection refused");
}

TEST_F(WebSocketClientTest, AMessageThatIsTooLongEndsIt) {
    EXPECT_TRUE(listen("/wslong/").starts_with(where("/wslong/") + "broken off: ")) << problem;
    EXPECT_EQ(heard, "");
}

TEST_F(WebSocketClientTest, CanBeCancelledWhileItWaits) {
    listening.hear = [this](const std::string&) { group.cancel(); };
    EXPECT_EQ(listen("/ws/"), "");
    EXPECT_EQ(group.size(), 0U);
}

}  // namespace
}  // namespace patchbay
