// SPDX-License-Identifier: Apache-2.0
// The control socket from the daemon's side.
#include "jobs/runner/control.hpp"
#include "core/clock.hpp"
#include "core/errors.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstring>

#include "core/errors.hpp"
#include "tests/jobs/journal/temporary_folder.hpp"

namespace patchbay {
namespace {

using ::testing::ElementsAre;

/// A daemon's end.
class Peer {
public:
    explicit Peer(const std::filesystem::path& path) {
        const int folder = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const auto name = "/proc/self/fd/" + std::to_string(folder) + "/" + path.filename().string();
        std::strncpy(address.sun_path, name.c_str(), sizeof address.sun_path - 1);
        connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(folder);
    }
    ~Peer() { ::close(socket_); }

    bool connected() const { return connected_; }
    void send(const std::string& text) {
        ASSERT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    }
    /// As much of it as the socket takes now.
    void offer(const std::string& text) { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT); }
    /// What has arrived until now; sets ended() when the other side has closed.
    const std::string& received() {
        for (char bytes[4096];;) {
            const auto size = ::recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT);
            if (size <= 0) {
                ended_ = size == 0;
                return received_;
            }
            received_.append(bytes, static_cast<std::size_t>(size));
        }
    }
    bool ended() {
        received();
        return ended_;
    }

private:
    int socket_ = -1;
    bool connected_ = false, ended_ = false;
    std::string received_;
};

struct Control : ::testing::Test {
    TemporaryFolder folder;
    asio::io_context io;
    std::vector<std::string> reasons;
    std::filesystem::path path = folder / "control";
    std::unique_ptr<ControlSocket> control = make();

    std::unique_ptr<ControlSocket> make() {
        return std::make_unique<ControlSocket>(io.get_executor(), path,
                                               [this](std::string reason) { reasons.push_back(std::move(reason)); });
    }

    /// Runs the loop until `done()`, ten seconds at most.
    bool until(const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        while (!done()) {
            if (std::chrono::steady_clock::now() > end) return false;
            io.restart();
            io.run_one_for(20ms);
        }
        return true;
    }

    void stop() {
        bool stopped = false;
        asio::co_spawn(io, control->stop(), [&stopped](std::exception_ptr) { stopped = true; });
        ASSERT_TRUE(until([&stopped] { return stopped; }));
    }

    void TearDown() override {
        if (control) stop();
        control.reset();
        io.restart();
        io.poll();
        EXPECT_TRUE(io.stopped()) << "something is left running";
        EXPECT_FALSE(std::filesystem::exists(path));
    }
};

TEST_F(Control, TakesACancellationWithItsReason) {
    Peer peer{path};
    ASSERT_TRUE(peer.connected());
    peer.send("{\"cancel\": \"The job was canceled\", \"later\": 1}\n{\"unknown\": true}\n");
    EXPECT_TRUE(until([this] { return !reasons.empty(); }));
    EXPECT_THAT(reasons, ElementsAre("The job was canceled"));
}

TEST_F(Control, TakesALineInPieces) {
    Peer peer{path};
    const std::string line = "{\"cancel\": \"stop\"}\n";
    for (const char c : line) {
        peer.send(std::string(1, c));
        io.restart();
        io.poll();
    }
    EXPECT_TRUE(until([this] { return !reasons.empty(); }));
    EXPECT_THAT(reasons, ElementsAre("stop"));
}

TEST_F(Control, TellsHowFarTheJournalIs) {
    Peer peer{path};
    ASSERT_TRUE(until([&] { return peer.received() == "{\"more\": 0}\n"; }));
    for (std::int64_t bytes = 100; bytes <= 100'000; bytes += 100) control->more(bytes);
    EXPECT_TRUE(until([&] { return peer.received().find("{\"more\": 100000}\n") != std::string::npos; }));
    EXPECT_LT(peer.received().size(), 200u);  // not a line for each call
}

TEST_F(Control, SaysTheLastWordBeforeItStops) {
    Peer peer{path};
    ASSERT_TRUE(until([&] { return !peer.received().empty(); }));
    control->more(777);
    stop();
    EXPECT_THAT(peer.received(), ::testing::EndsWith("{\"more\": 777}\n"));
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Control, TellsANewDaemonWhereItIs) {
    {
        Peer first{path};
        ASSERT_TRUE(until([&] { return !first.received().empty(); }));
        control->more(500);
        ASSERT_TRUE(until([&] { return first.received().find("500") != std::string::npos; }));
    }
    Peer second{path};
    EXPECT_TRUE(until([&] { return second.received() == "{\"more\": 500}\n"; }));
    second.send("{\"cancel\": \"later\"}\n");
    EXPECT_TRUE(until([this] { return reasons.size() == 1; }));
}

TEST_F(Control, HangsUpOnGarbageAndTakesTheNext) {
    for (const std::string garbage : {"hello\n", "{\"cancel\": \n"}) {
        Peer peer{path};
        peer.send(garbage);
        EXPECT_TRUE(until([&] { return peer.ended(); })) << garbage;
    }
    Peer endless{path};
    EXPECT_TRUE(until([&] {
        endless.offer(std::string(70'000, 'x'));
        return endless.ended();
    })) << "a line without an end";
    EXPECT_TRUE(reasons.empty());
    Peer peer{path};
    peer.send("{\"cancel\": 5}\n[]\n7\n{\"cancel\": \"now\"}\n");
    EXPECT_TRUE(until([this] { return !reasons.empty(); }));
    EXPECT_THAT(reasons, ElementsAre("now"));
}

TEST_F(Control, ReplacesTheFileOfADeadRunner) {
    stop();
    control.reset();
    write_file(path, "left over");
    control = make();
    EXPECT_TRUE(Peer{path}.connected());
}

TEST_F(Control, LivesInAFolderWithALongName) {
    stop();
    control.reset();
    path = folder / std::string(200, 'a') / std::string(200, 'b') / "control";
    std::filesystem::create_directories(path.parent_path());
    control = make();
    Peer peer{path};
    ASSERT_TRUE(peer.connected());
    peer.send("{\"cancel\": \"far\"}\n");
    EXPECT_TRUE(until([this] { return !reasons.empty(); }));
}

TEST_F(Control, NamesAFolderThatIsNotThere) {
    path = folder / "none" / "control";
    EXPECT_THROW(make(), InfrastructureError);
}

}  // namespace
}  // namespace patchbay
