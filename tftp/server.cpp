// SPDX-License-Identifier: Apache-2.0
#include "tftp/server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "core/wake.hpp"

namespace patchbay::tftp {
namespace {

void turn_away(const Arrival& arrival, const std::string& file, ErrorCode code, const std::string& text) {
    spdlog::warn("request refused client={} file=\"{}\" reason=\"{}\"", name_of(arrival.client), file, text);
    refuse(arrival, code, text);
}

}  // namespace

Server::Server(asio::any_io_executor executor, FileDescriptor root, Limits limits)
    : executor_{executor}, root_{std::move(root)}, limits_{limits}, session_ended_{executor}, group_{executor} {}

void Server::listen(RequestSocket socket) { group_.spawn("tftp requests", take_requests(std::move(socket))); }

Task<> Server::stop() {
    group_.cancel();
    co_await group_.join();
    for (auto& session : sessions_) session.interrupt(Session::Interruption::stopped);
    while (!sessions_.empty()) co_await sleep_until_woken(session_ended_, Clock::time_point::max());
}

Task<> Server::take_requests(RequestSocket socket) {
    for (;;) {
        const auto arrival = co_await socket.next();
        try {
            take(arrival);
        } catch (const std::system_error& error) {
            // No descriptor or thread left, a forged address: this client is not answered, the next one is.
            spdlog::warn("request not answered client={} reason=\"{}\"", name_of(arrival.client), error.what());
        }
    }
}

void Server::take(const Arrival& arrival) {
    if (!looks_like_request(arrival.datagram)) return;
    try {
        auto request = std::get<Request>(parse(arrival.datagram));
        if (request.direction == Direction::write) {
            turn_away(arrival, request.file, ErrorCode::access_violation,
                      "this server only sends files, it takes none");
        } else if (request.mode != "octet") {
            // Files would arrive with other line ends than they have, and kernels broken.
            turn_away(arrival, request.file, ErrorCode::illegal_operation, "only the mode octet (binary) is served");
        } else {
            begin(arrival, std::move(request));
        }
    } catch (const MalformedPacket& error) {
        turn_away(arrival, "", ErrorCode::illegal_operation, error.what());
    }
}

void Server::begin(const Arrival& arrival, Request request) {
    const auto known = std::find_if(sessions_.begin(), sessions_.end(), [&](const Session& session) {
        return session.client() == arrival.client && !session.is_interrupted();
    });
    if (known != sessions_.end()) {
        if (known->is_repeated_by(request)) return;
        known->interrupt(Session::Interruption::replaced);
    }
    const auto of_client = std::count_if(sessions_.begin(), sessions_.end(), [&](const Session& session) {
        return address_of(session.client()) == address_of(arrival.client);
    });
    if (of_client >= static_cast<std::ptrdiff_t>(limits_.transfers_per_client)) {
        return turn_away(arrival, request.file, ErrorCode::undefined,
                         "too many transfers of this client at once; ask again later");
    }
    if (sessions_.size() >= limits_.transfers)
        return turn_away(arrival, request.file, ErrorCode::undefined, "too many transfers at once; ask again later");
    const auto session = sessions_.emplace(sessions_.end(), arrival, std::move(request), root_.get());
    auto ended = [this, session] {
        asio::post(executor_, [this, session] {
            sessions_.erase(session);
            session_ended_.cancel();
        });
    };
    try {
        session->start(std::move(ended));
    } catch (...) {
        sessions_.erase(session);
        throw;
    }
}

}  // namespace patchbay::tftp
