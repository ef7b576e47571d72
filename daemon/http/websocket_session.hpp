// SPDX-License-Identifier: Apache-2.0
#pragma once
// One client that listens by WebSocket, from its upgrade to the end of its connection.

#include <functional>
#include <memory>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "daemon/http/client_stream.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

class WebSocketSession final : public WebSocket {
public:
    /// Both must outlive it.
    WebSocketSession(ClientStream& stream, const HttpLimits& limits);
    ~WebSocketSession() override;

    using Hears = std::function<void(std::string_view message)>;

    /// Answers the upgrade and runs `serve`. What a client sends goes to `hears`; without one it is read and forgotten.
    /// Pings are answered; who sends too much is told so, who is silent is asked by a ping.
    /// Done when: `serve` has ended or the client has gone. Throws: boost::system::system_error; what `serve` threw.
    Task<> run(const Request& request, const std::function<Task<>(WebSocket&)>& serve, const Hears& hears = {});

    /// When what it does now will have taken too long.
    Clock::time_point deadline() const;
    /// The server ends: the client is told, and may come again.
    void stop();

    Task<> send(std::string text) override;
    Task<> close(int code, std::string reason) override;

private:
    struct Stream;
    Task<> read_all();
    Task<> hear_all(const Hears& hears);
    Task<> ask_and_stop();
    void heard();

    const HttpLimits& limits_;
    std::unique_ptr<Stream> stream_;
    Timer changed_;  ///< until the next ping; cancelled by stop() and heard()
    Clock::time_point heard_{}, write_by_, gone_by_;
    Rate frames_;
    double frames_left_ = 0;
    bool stopping_ = false;
    bool flooded_ = false;  ///< by the client
    bool closing_ = false;
};

}  // namespace patchbay
