// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/console_export.hpp"

#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <utility>
#include <vector>

#include "core/deadline.hpp"
#include "core/equal_secrets.hpp"
#include "core/errors.hpp"
#include "core/task_group.hpp"

namespace patchbay {
namespace {

using Tcp = asio::ip::tcp;

/// "192.0.2.7" also of what came to a socket of both families.
std::string plain_address(const asio::ip::address& address) {
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
    return address.to_string();
}

Tcp::acceptor listen_at(asio::any_io_executor executor, const std::string& host) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host.empty() ? "::" : host, error);
    Tcp::acceptor acceptor{executor};
    const Tcp::endpoint endpoint{address, 0};
    if (!error) acceptor.open(endpoint.protocol(), error);
    if (!error && host.empty()) acceptor.set_option(asio::ip::v6_only{false}, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(4, error);
    if (error) throw InfrastructureError{"cannot listen at " + host + ": " + error.message()};
    return acceptor;
}

}  // namespace

struct ConsoleExport::State {
    State(asio::any_io_executor executor, ExportProtocol p, ExportAddress a, std::string u,
          std::shared_ptr<LiveConsole> c, Wish w)
        : protocol{p},
          address{std::move(a)},
          user{std::move(u)},
          console{std::move(c)},
          wish{std::move(w)},
          acceptor{listen_at(executor, address.host)},
          group{executor} {
        address.port = acceptor.local_endpoint().port();
    }

    ExportProtocol protocol;
    ExportAddress address;
    std::string user;
    std::shared_ptr<LiveConsole> console;
    Wish wish;
    Tcp::acceptor acceptor;
    TaskGroup group;
    int known = 0, strangers = 0;  ///< connections from the address, and from elsewhere
    bool closed = false;
};

/// One client.
class ExportConnection {
public:
    using State = ConsoleExport::State;

    ExportConnection(std::shared_ptr<State> state, Tcp::socket socket)
        : state_{std::move(state)}, socket_{std::move(socket)} {
        boost::system::error_code error;
        const auto peer = socket_.remote_endpoint(error);
        if (!error) peer_ = plain_address(peer.address());
        ++count();
    }
    ~ExportConnection() {
        --count();
        if (viewer_) state_->console->leave(viewer_);
    }

    bool is_known() const { return peer_ == state_->address.peer; }
    bool is_one_too_many() { return count() > ConsoleExport::most_connections; }

    static Task<> serve(std::shared_ptr<ExportConnection> self) {
        if (self->state_->protocol == ExportProtocol::rfc2217) {
            auto hello = self->telnet_.hello();
            co_await self->write(std::move(hello));
        }
        const bool welcome = self->is_known() || co_await self->says_token();
        if (!welcome || self->state_->closed) co_return;
        self->viewer_ = self->state_->console->join(self->state_->user, self->name(), 0);
        if (!self->viewer_) co_return;
        self->state_->console->take(self->viewer_);
        self->type_keys();
        auto executor = co_await asio::this_coro::executor;
        auto race = asio::experimental::make_parallel_group(asio::co_spawn(executor, read(self), asio::deferred),
                                                            asio::co_spawn(executor, show(self), asio::deferred));
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    }

private:
    int& count() { return is_known() ? state_->known : state_->strangers; }

    std::string name() const {
        return (state_->protocol == ExportProtocol::raw ? "raw TCP from " : "RFC 2217 from ") + peer_;
    }

    Task<> write(std::string bytes) { co_await asio::async_write(socket_, asio::buffer(bytes), asio::use_awaitable); }

    /// One read; keys_ has what was typed. False: the client has gone.
    Task<bool> receive() {
        std::array<char, 4096> bytes;
        boost::system::error_code error;
        const auto size =
            co_await socket_.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, error));
        if (error || state_->closed) co_return false;
        if (state_->protocol == ExportProtocol::raw) {
            keys_.append(bytes.data(), size);
            co_return true;
        }
        telnet_.feed({bytes.data(), size}, keys_, wishes_, outgoing_);
        if (outgoing_.size() > most_answers) co_return false;  // it asks, and reads nothing
        if (viewer_) {
            state_->console->nudge(viewer_);  // show() is who writes
        } else {
            co_await write(std::exchange(outgoing_, {}));
        }
        co_return true;
    }

    Task<bool> receive_token() {
        std::size_t end = 0;
        while ((end = keys_.find_first_of("\r\n")) == std::string::npos) {
            const bool more = keys_.size() <= 256 && co_await receive();
            if (!more) co_return false;
        }
        const auto said = keys_.substr(0, end);
        keys_.erase(0, keys_.find_first_not_of("\r\n", end));
        co_return equal_secrets(said, state_->address.token);
    }

    Task<bool> says_token() {
        bool right = false;
        try {
            right = co_await with_deadline(Deadline::in(ConsoleExport::token_time), "token", receive_token());
        } catch (const TimedOut&) {
        }
        if (!right) spdlog::warn("export refused peer={} reason=\"no token\"", peer_);
        co_return right;
    }

    void type_keys() {
        if (!keys_.empty()) state_->console->type(viewer_, keys_);
        keys_.clear();
        for (const auto& wish : std::exchange(wishes_, {})) state_->wish(wish);
    }

    static Task<> read(std::shared_ptr<ExportConnection> self) {
        for (bool more = true; more;) {
            more = co_await self->receive();
            if (more) self->type_keys();
        }
    }

    static Task<> show(std::shared_ptr<ExportConnection> self) {
        while (!self->state_->closed) {
            const auto news = co_await self->state_->console->next(self->viewer_);
            const bool raw = self->state_->protocol == ExportProtocol::raw;
            self->held_ += raw ? news.bytes : self->telnet_.encode(news.bytes);
            if (self->held_.size() > most_held) co_return;
            auto bytes = std::exchange(self->outgoing_, {});
            if (!self->telnet_.is_suspended()) bytes += std::exchange(self->held_, {});
            if (!bytes.empty()) co_await self->write(std::move(bytes));
            if (news.over) co_return;
        }
    }

    /// Of one that wants nothing for now.
    static constexpr std::size_t most_held = 1024 * 1024;
    static constexpr std::size_t most_answers = 64 * 1024;

    std::shared_ptr<State> state_;
    Tcp::socket socket_;
    std::string peer_;
    ComPortServer telnet_;
    std::string keys_, outgoing_, held_;
    std::vector<ComPortWish> wishes_;
    LiveConsole::ViewerPtr viewer_;
};

namespace {

Task<> accept_all(std::shared_ptr<ConsoleExport::State> state) {
    while (!state->closed) {
        boost::system::error_code error;
        auto socket = co_await state->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (state->closed) co_return;
        if (error) {
            co_await sleep_for(1s);  // out of files
            continue;
        }
        boost::system::error_code ignored;
        socket.set_option(Tcp::no_delay{true}, ignored);
        auto connection = std::make_shared<ExportConnection>(state, std::move(socket));
        if (connection->is_one_too_many()) continue;
        state->group.spawn("export", ExportConnection::serve(std::move(connection)));
    }
}

}  // namespace

ConsoleExport::ConsoleExport(asio::any_io_executor executor, ExportProtocol protocol, ExportAddress address,
                             std::string user, std::shared_ptr<LiveConsole> console, Wish wish)
    : protocol_{protocol},
      state_{std::make_shared<State>(executor, protocol, std::move(address), std::move(user), std::move(console),
                                     std::move(wish))} {
    state_->group.spawn("export at port " + std::to_string(state_->address.port), accept_all(state_));
}

ConsoleExport::~ConsoleExport() {
    state_->closed = true;
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    state_->group.cancel();
}

const ExportAddress& ConsoleExport::address() const { return state_->address; }

}  // namespace patchbay
