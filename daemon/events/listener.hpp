// SPDX-License-Identifier: Apache-2.0
#pragma once
// What waits for one client. Texts are shared by all who get them; who is too slow loses his queue at once.

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "daemon/http/message.hpp"

namespace patchbay {

/// Why a listener gets nothing any more: a close frame.
struct Goodbye {
    int code = 0;
    std::string reason;
};

class Listener {
public:
    using Text = std::shared_ptr<const std::string>;

    /// More are not kept: a client that has so many to read is too slow.
    static constexpr std::size_t most_texts = 1000;
    static constexpr std::size_t most_bytes = 1024 * 1024;

    /// `login`: who it is, asked again at each event: a request that has the headers for it and nothing else.
    Listener(asio::any_io_executor io, Request login) : login_{std::move(login)}, news_{io} {}
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// The next text; nullptr when it has ended. One waiter at a time.
    /// Cancellation: safe, throws.
    Task<Text> next();

    /// False: it was too much.
    bool put(const Text& text);
    /// What waits is forgotten; the first reason stays.
    void end(Goodbye why);
    const std::optional<Goodbye>& ended() const { return goodbye_; }

    const Request& login() const { return login_; }
    const std::string& peer() const { return login_.peer; }
    std::size_t waiting() const { return queue_.size(); }

private:
    Request login_;
    Timer news_;  // never expires; cancelled by put() and end()
    std::deque<Text> queue_;
    std::size_t bytes_ = 0;
    std::optional<Goodbye> goodbye_;
};

}  // namespace patchbay
