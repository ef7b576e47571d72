// SPDX-License-Identifier: Apache-2.0
#include "tftp/session.hpp"

#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace patchbay::tftp {
namespace {

// Nobody sends more than an acknowledgement or an error here.
constexpr std::size_t longest_answer = 1024;

/// Nothing can be sent to the client, or heard of it, any more.
struct Cut : std::runtime_error {
    using std::runtime_error::runtime_error;
};

[[noreturn]] void throw_cut(int error) {
    throw Cut{error == ECONNREFUSED ? "the client has closed its port" : std::strerror(error)};
}

/// Does the network only not take it now? Then it is one more datagram that was lost on the way. A board's switch
/// port comes up late, a route is being set, a queue is full, a firewall's table too (EPERM).
bool is_loss(int error) {
    for (const int passing : {EHOSTUNREACH, EHOSTDOWN, ENETUNREACH, ENETDOWN, ENOBUFS, ENOMEM, EPERM})
        if (error == passing) return true;
    return false;
}

}  // namespace

Session::Session(const Arrival& arrival, Request request, int root)
    : client_{arrival.client}, request_{std::move(request)}, root_{root}, socket_{answering_socket(arrival)} {}

Session::~Session() {
    if (thread_.joinable()) thread_.join();
}

void Session::start(std::function<void()> ended) {
    thread_ = std::thread{[this, ended = std::move(ended)] {
        run();
        ended();
    }};
}

void Session::interrupt(Interruption why) {
    interruption_ = why;
    ::shutdown(socket_.get(), SHUT_RD);  // recv() comes back at once, now and later
}

void Session::run() {
    try {
        serve();
        log(transfer_->state() == Transfer::State::failed ? spdlog::level::warn : spdlog::level::info,
            transfer_->reason());
    } catch (const Refused& refused) {
        if (interruption_ != Interruption::replaced) say(ErrorMessage{refused.code, refused.what()});
        log(spdlog::level::warn, refused.what());
    } catch (const MalformedPacket& error) {
        say(ErrorMessage{ErrorCode::illegal_operation, error.what()});
        log(spdlog::level::warn, error.what());
    } catch (const Cut& cut) {
        log(spdlog::level::info, cut.what());
    } catch (const std::exception& error) {  // no memory: this transfer ends, the others do not
        log(spdlog::level::err, error.what());
    }
}

void Session::serve() {
    const ServedFile file{root_, request_.file};
    transfer_.emplace(agree(request_.options, file.size()), file.size());
    FileWindow window{file, transfer_->terms().block_size};
    carry_out(transfer_->begin(), window);
    while (transfer_->state() == Transfer::State::running) {
        const auto packet = receive();
        auto step = packet ? transfer_->on_packet(*packet) : transfer_->on_timeout();
        // Also when something comes all the time that leads to nothing.
        if (packet && step.empty() && Clock::now() >= deadline_) step = transfer_->on_timeout();
        if (!step.empty()) carry_out(step, window);
    }
}

void Session::carry_out(const Step& step, FileWindow& window) {
    if (step.packet) say(*step.packet);
    window.drop_before(transfer_->offset(transfer_->acknowledged() + 1));
    for (auto block = step.first; block <= step.last; ++block)
        send_block(block, window.bytes(transfer_->offset(block), transfer_->length(block)));
    deadline_ = Clock::now() + transfer_->patience();
}

void Session::send_block(std::uint64_t block, std::string_view bytes) {
    auto header = format(Data{Transfer::wire_number(block), {}});
    const std::array<iovec, 2> parts{iovec{header.data(), header.size()},
                                     iovec{const_cast<char*>(bytes.data()), bytes.size()}};
    // A refusal is of an earlier datagram, and said once: if nobody hears this one either, receive() is told.
    while (::writev(socket_.get(), parts.data(), parts.size()) < 0) {
        if (is_loss(errno)) return;
        if (errno != EINTR && errno != ECONNREFUSED) throw_cut(errno);
    }
}

/// nullopt: nothing came in time.
std::optional<Packet> Session::receive() {
    if (wakes_after_ != transfer_->patience()) {
        wakes_after_ = transfer_->patience();
        const timeval time{wakes_after_.count(), 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    }
    for (;;) {
        std::array<char, longest_answer> bytes;
        const auto size = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
        const int error = size < 0 ? errno : 0;
        if (interruption_ == Interruption::replaced)
            throw Refused{ErrorCode::undefined, "the client asks anew from the same port"};
        if (interruption_ == Interruption::stopped) throw Refused{ErrorCode::undefined, "the server stops; ask again"};
        if (error == EAGAIN || (error != 0 && Clock::now() >= deadline_)) return std::nullopt;
        if (error == EINTR || is_loss(error)) continue;
        if (error != 0) throw_cut(error);
        heard_ = true;
        return parse({bytes.data(), static_cast<std::size_t>(size)});
    }
}

void Session::say(const Packet& packet) {
    const auto bytes = format(packet);
    ::send(socket_.get(), bytes.data(), bytes.size(), 0);  // one that cannot be sent is one that was lost
}

void Session::log(spdlog::level::level_enum level, const std::string& reason) const {
    const auto client = name_of(client_);
    if (!transfer_) {
        spdlog::log(level, "request refused client={} file=\"{}\" reason=\"{}\"", client, request_.file, reason);
        return;
    }
    const std::chrono::duration<double> took = Clock::now() - begin_;
    const auto bytes = transfer_->acknowledged_bytes();
    const auto rate = static_cast<double>(bytes) / (1024 * 1024) / took.count();
    if (transfer_->state() == Transfer::State::complete) {
        spdlog::log(level, "file sent client={} file=\"{}\" bytes={} took={:.3f}s rate={:.1f}MiB/s blocks_again={}",
                    client, request_.file, bytes, took.count(), rate, transfer_->sent_again());
    } else {
        spdlog::log(level,
                    "transfer ended client={} file=\"{}\" bytes={} of={} took={:.3f}s rate={:.1f}MiB/s "
                    "blocks_again={} reason=\"{}\"",
                    client, request_.file, bytes, transfer_->file_size(), took.count(), rate, transfer_->sent_again(),
                    reason);
    }
}

void refuse(const Arrival& arrival, ErrorCode code, const std::string& text) {
    const auto bytes = format(ErrorMessage{code, text});
    ::send(answering_socket(arrival).get(), bytes.data(), bytes.size(), 0);
}

}  // namespace patchbay::tftp
