// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/file_server.hpp"

#include <boost/asio/write.hpp>
#include <optional>

#include "core/process/run_command.hpp"
#include "tests/jobs/overlay/scratch.hpp"
#include "tests/support/run.hpp"
#include "tests/support/virtual_time.hpp"

namespace patchbay {
namespace {

struct FileServerTest : ScratchTest {
    asio::io_context io;
    void SetUp() override {
        ScratchTest::SetUp();
        tool("head -c 3000000 /dev/urandom > overlay.tar.gz");
    }
    /// What curl says to these words; "got" holds what it got.
    std::string curl(FileServer& server, const std::string& path, std::vector<std::string> words = {}) {
        Command command;
        command.argv = {"curl", "-sS", "--noproxy", "*", "-o", (root / "got").string(), "-w", "%{http_code}"};
        command.argv.insert(command.argv.end(), words.begin(), words.end());
        command.argv.push_back("http://127.0.0.1:" + std::to_string(server.port()) + path);
        return testing::run(io, capture_command(std::move(command), Deadline::in(1min))).text;
    }
    void stop(FileServer& server) { testing::run(io, server.stop()); }
};

TEST_F(FileServerTest, GivesTheFileToWhoKnowsItsName) {
    FileServer server{io.get_executor(), root / "overlay.tar.gz"};
    EXPECT_TRUE(server.path().ends_with("/overlay.tar.gz"));
    EXPECT_FALSE(server.delivered());
    EXPECT_EQ(curl(server, server.path()), "200");
    EXPECT_TRUE(read("got") == read("overlay.tar.gz"));
    EXPECT_TRUE(server.delivered());
    stop(server);
}

TEST_F(FileServerTest, GivesNothingElse) {
    FileServer server{io.get_executor(), root / "overlay.tar.gz"};
    for (const auto* path : {"/", "/tmp/overlay.tar.gz", "/etc/passwd", "/../../etc/passwd"}) {
        EXPECT_EQ(curl(server, path, {"--path-as-is"}), "404") << path;
    }
    EXPECT_EQ(curl(server, server.path() + "x"), "404");
    EXPECT_EQ(curl(server, server.path(), {"-X", "POST"}), "404");
    EXPECT_FALSE(server.delivered());
    stop(server);
}

TEST_F(FileServerTest, TellsTheSizeToWhoOnlyAsks) {
    FileServer server{io.get_executor(), root / "overlay.tar.gz"};
    EXPECT_EQ(curl(server, server.path(), {"--head"}), "200");
    EXPECT_NE(read("got").find("Content-Length: 3000000"), std::string::npos);
    EXPECT_FALSE(server.delivered());
    stop(server);
}

/// A target that takes only what the test lets it take, on a clock that the test moves.
struct SlowTarget : FileServerTest {
    testing::VirtualTime time{io};
    std::optional<FileServer> server;
    asio::ip::tcp::socket socket{io};
    static constexpr std::size_t size = 32 << 20;  // more than the buffers of both ends
    std::size_t got = 0;
    bool ended = false;

    void SetUp() override {
        FileServerTest::SetUp();
        std::filesystem::resize_file(root / "overlay.tar.gz", size);
        server.emplace(io.get_executor(), root / "overlay.tar.gz");
        socket.open(asio::ip::tcp::v4());
        socket.set_option(asio::socket_base::receive_buffer_size{64 * 1024});
        socket.connect({asio::ip::make_address("127.0.0.1"), server->port()});
        asio::write(socket, asio::buffer("GET " + server->path() + " HTTP/1.1\r\n\r\n"));
        time.settle();
    }
    void TearDown() override {
        time.run(server->stop());
        FileServerTest::TearDown();
    }
    /// Reads at least this much; less only at the end.
    void take(std::size_t bytes) {
        socket.non_blocking(true);
        for (const auto goal = got + bytes; got < goal && !ended;) {
            std::vector<char> piece(1 << 20);
            boost::system::error_code error;
            got += socket.read_some(asio::buffer(piece), error);
            ended = error && error != asio::error::would_block;
            time.settle();
        }
    }
};

TEST_F(SlowTarget, GetsAllOfTheFileHoweverLongItTakes) {
    while (!ended) {
        take(8 << 20);
        if (!ended) time.advance(50s, 5s);
    }
    EXPECT_GT(got, size);
    EXPECT_TRUE(server->delivered());
}

TEST_F(SlowTarget, ThatTakesNothingIsGivenUp) {
    take(1 << 20);
    time.advance(61s, 5s);
    take(size);
    EXPECT_TRUE(ended);
    EXPECT_LT(got, size);
    EXPECT_FALSE(server->delivered());
}

TEST_F(FileServerTest, StopsWithClientsThatHang) {
    FileServer server{io.get_executor(), root / "overlay.tar.gz"};
    asio::ip::tcp::socket silent{io};
    silent.connect({asio::ip::make_address("127.0.0.1"), server.port()});
    io.restart();
    io.poll();
    stop(server);
    FileServer another{io.get_executor(), root / "overlay.tar.gz"};
    EXPECT_NE(another.path(), server.path());
    stop(another);
}

}  // namespace
}  // namespace patchbay
