// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/zmq_publisher.hpp"

#include <signal.h>
#include <spdlog/spdlog.h>
#include <zmq.h>

#include <array>

#include "core/clock.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

// For each subscriber. Events are some hundred bytes, so this is less than a MB of memory for one that does not read.
constexpr int high_water_mark = 1000;
// What a subscriber sends is the beginning of topics.
constexpr std::int64_t longest_subscription = 1024;
constexpr int heartbeat_ms = 5000, heartbeat_timeout_ms = 15'000;  // LAVA's
constexpr auto complain_interval = 60s;

}  // namespace

struct ZmqPublisher::Socket {
    Socket() {
        // Its threads are no place for our signals.
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        context = zmq_ctx_new();
        socket = zmq_socket(context, ZMQ_PUB);  // starts them
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
    }
    ~Socket() {
        if (socket) zmq_close(socket);
        if (context) zmq_ctx_term(context);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    template <class T>
    void set(int option, T value) {
        zmq_setsockopt(socket, option, &value, sizeof value);
    }
    /// Telling: a part that not everybody has room for is refused. Not telling: they just do not get it.
    void tell_full(bool tells) { set(ZMQ_XPUB_NODROP, int{tells}); }

    void* context = nullptr;
    void* socket = nullptr;
    std::int64_t dropped = 0;
    Clock::time_point complained{};
};

ZmqPublisher::ZmqPublisher(const std::string& address) : socket_{std::make_unique<Socket>()} {
    auto& zmq = *socket_;
    if (!zmq.socket) throw ConfigurationError{std::string{"events.zmq: "} + zmq_strerror(zmq_errno())};
    zmq.set(ZMQ_LINGER, 0);
    zmq.set(ZMQ_SNDHWM, high_water_mark);
    zmq.set(ZMQ_MAXMSGSIZE, longest_subscription);
    zmq.set(ZMQ_HEARTBEAT_IVL, heartbeat_ms);
    zmq.set(ZMQ_HEARTBEAT_TIMEOUT, heartbeat_timeout_ms);
    zmq.set(ZMQ_IPV6, 1);
    zmq.tell_full(true);
    if (zmq_bind(zmq.socket, address.c_str()) != 0)
        throw ConfigurationError{"events.zmq.address " + address + ": " + zmq_strerror(zmq_errno()) +
                                 "; write one like tcp://*:5500 that no other program has"};
}

ZmqPublisher::~ZmqPublisher() = default;

void ZmqPublisher::publish(const Event& event) {
    auto& zmq = *socket_;
    const std::array parts{&event.topic, &event.uuid, &event.time, &event.user, &event.data};
    bool full = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const int flags = ZMQ_DONTWAIT | (i + 1 < parts.size() ? ZMQ_SNDMORE : 0);
        const auto send = [&] { return zmq_send(zmq.socket, parts[i]->data(), parts[i]->size(), flags); };
        if (send() >= 0) continue;
        if (zmq_errno() != EAGAIN || full) break;
        full = true;  // somebody has no room; all others get it
        zmq.tell_full(false);
        if (send() < 0) break;
    }
    if (!full) return;
    zmq.tell_full(true);
    ++zmq.dropped;
    const auto now = Clock::now();
    if (zmq.complained != Clock::time_point{} && now < zmq.complained + complain_interval) return;
    zmq.complained = now;
    spdlog::warn("a zmq subscriber is too slow, it misses events dropped={}", zmq.dropped);
}

std::int64_t ZmqPublisher::dropped() const { return socket_->dropped; }

}  // namespace patchbay
