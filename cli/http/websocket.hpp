// SPDX-License-Identifier: Apache-2.0
#pragma once
// A WebSocket to the server. libcurl makes the connection, with its TLS; the frames are ours, as Debian's libcurl has
// none.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cli/http/client.hpp"
#include "cli/http/frames.hpp"

namespace patchbay::cli {

class WebSocketClient {
public:
    /// Asked several times a second while a connection is made; true: it is not wanted any more.
    using GiveUp = std::function<bool()>;

    /// Connects and asks for the upgrade. Throws: ConnectionError, also when it is given up; UserError with the
    /// server's words when it refuses.
    WebSocketClient(const std::string& server, const std::string& token, const std::string& path,
                    const std::string& what, GiveUp give_up = {});
    ~WebSocketClient();
    WebSocketClient(const WebSocketClient&) = delete;
    WebSocketClient& operator=(const WebSocketClient&) = delete;

    /// To be polled for reading.
    int descriptor() const;
    /// The texts that have come; does not wait. Throws: ConnectionError, the connection is lost without a goodbye.
    std::vector<std::string> read();
    /// Throws: ConnectionError.
    void send(std::string_view text);

    /// The server has said goodbye, and why.
    bool closed() const { return closed_; }
    const std::string& reason() const { return reason_; }

private:
    struct Handle;
    /// Of what is still to come of the answer to our upgrade.
    std::string receive_patiently();
    void upgrade(const std::string& token, const std::string& path, const std::string& what);
    /// "": nothing now. Throws: ConnectionError.
    std::string receive();
    void write(std::string_view bytes);
    [[noreturn]] void lost(const std::string& why) const;

    std::string server_;
    GiveUp give_up_;
    std::unique_ptr<Handle> handle_;
    FrameReader frames_;
    bool closed_ = false;
    std::string reason_;
};

}  // namespace patchbay::cli
