// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <unordered_map>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/task_group.hpp"
#include "daemon/http/client_gate.hpp"
#include "daemon/http/connection.hpp"

namespace patchbay {

using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;

namespace {

// How late a time limit may be noticed.
constexpr auto sweep_interval = 500ms;
// Out of file descriptors: connections must end before it makes sense to try again.
constexpr auto accept_pause = 100ms;

std::string address_of(const tcp::socket& socket) {
    boost::system::error_code error;
    auto address = socket.remote_endpoint(error).address();
    if (error) return {};
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return address.to_string();
}

void prepare(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay{true}, ignored);  // answers go out in one write each
}
std::string address_of(const local::socket&) { return "unix"; }
void prepare(local::socket&) {}

tcp::endpoint resolve(asio::any_io_executor executor, const std::string& host, std::uint16_t port) {
    if (host.empty() || host == "*") return {asio::ip::address_v6::any(), port};
    boost::system::error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (!error) return {address, port};
    tcp::resolver resolver{executor};
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
    if (error || found.empty()) {
        throw ConfigurationError{"listen " + host + ": " + error.message() + "; name an address of this machine"};
    }
    return found.begin()->endpoint();
}

}  // namespace

struct HttpServer::State {
    State(asio::any_io_executor ex, HttpLimits l, HttpHandler h, BodyRule r)
        : executor{ex},
          limits{std::move(l)},
          handler{std::move(h)},
          limited_handler{[this](Request& request) { return answer(request); }},
          gate{limits.rates},
          rule{std::move(r)},
          limited_rule{rule ? BodyRule{[this](const Request& head) { return right_of(head); }} : BodyRule{}},
          shared{BodyBudget{limits}, BodyBudget{limits}, handshakes},
          background{ex},
          serving{ex},
          sweep_timer{ex} {}

    template <class Acceptor>
    Task<> accept(std::shared_ptr<Acceptor> acceptor, const Certificate* certificate);
    template <class Socket>
    void admit(Socket socket, const Certificate* certificate);
    bool drop_one();
    Task<> serve(std::shared_ptr<Connection> connection);
    Task<Response> answer(Request& request);
    BodyRight right_of(const Request& head);
    Task<> sweep();

    asio::any_io_executor executor;
    HttpLimits limits;
    HttpHandler handler;
    HttpHandler limited_handler;
    ClientGate gate;
    BodyRule rule;
    BodyRule limited_rule;
    Connection::Shared shared;
    TaskGroup background;
    TaskGroup serving;
    Timer sweep_timer;
    bool sweeping = false;
    bool stopping = false;
    std::list<std::shared_ptr<Connection>> connections;
    std::unordered_map<std::string, std::size_t> per_peer;
    std::vector<std::function<void()>> close_acceptors;
    asio::thread_pool handshakes{1};  // ClientStream::handshake()
};

template <class Acceptor>
Task<> HttpServer::State::accept(std::shared_ptr<Acceptor> acceptor, const Certificate* certificate) {
    while (!stopping) {
        boost::system::error_code error;
        auto socket = co_await acceptor->async_accept(asio::redirect_error(asio::use_awaitable, error));
        if (stopping || error == asio::error::operation_aborted || error == asio::error::bad_descriptor) co_return;
        if (error) {
            spdlog::warn("accepting a connection failed reason={}", error.message());
            co_await sleep_for(accept_pause);
            continue;
        }
        admit(std::move(socket), certificate);
    }
}

template <class Socket>
void HttpServer::State::admit(Socket socket, const Certificate* certificate) {
    auto peer = address_of(socket);
    prepare(socket);
    const auto client = client_of(peer);
    auto& from_peer = per_peer[client];
    const auto most = limits.trusted_proxies.contain(peer) ? limits.connections : limits.connections_per_peer;
    if (from_peer >= most || (connections.size() >= limits.connections && !drop_one())) {
        if (from_peer == 0) per_peer.erase(client);
        if (certificate) return;  // before its greeting it would not understand us
        const auto response = plain_error({503, "Too many connections; close some or try again later."});
        Framing framing;
        framing.content_length = response.body.size();
        framing.keep_alive = false;
        framing.now = std::time(nullptr);
        const auto text = format_head(response, framing) + response.body;
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        socket.send(asio::buffer(text), 0, ignored);  // best effort: a new socket's buffer has the room
        return;
    }
    ++from_peer;
    auto stream = std::make_shared<ClientStream>(ClientStream::Socket{std::move(socket)},
                                                 certificate ? certificate->context() : nullptr);
    auto connection =
        std::make_shared<Connection>(std::move(stream), std::move(peer), limits, limited_handler, limited_rule, shared);
    serving.spawn("http connection", serve(std::move(connection)));
}

/// Makes room for a new connection: who waits for longest goes, as Connection::Use orders them. False: all are served.
bool HttpServer::State::drop_one() {
    const auto rank = [](const auto& connection) { return std::pair{connection->use(), connection->since()}; };
    const auto first = std::min_element(connections.begin(), connections.end(),
                                        [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    if (first == connections.end() || (*first)->use() == Connection::Use::served) return false;
    (*first)->drop();
    return true;
}

Task<Response> HttpServer::State::answer(Request& request) {
    if (auto refusal = gate.refusal(request, Clock::now())) co_return std::move(*refusal);
    auto response = co_await handler(request);
    gate.answered(request, response, Clock::now());
    co_return response;
}

/// Whoever learns that a large body is refused has learned that its token is none.
BodyRight HttpServer::State::right_of(const Request& head) {
    gate.before_login(head, Clock::now());
    const auto right = rule(head);
    if (right == BodyRight::none) gate.login_failed(head, Clock::now());
    return right;
}

Task<> HttpServer::State::serve(std::shared_ptr<Connection> connection) {
    const auto place = connections.insert(connections.end(), connection);
    struct Leave {
        State& state;
        std::list<std::shared_ptr<Connection>>::iterator place;
        ~Leave() {
            const auto peer = state.per_peer.find(client_of((*place)->peer()));
            if (peer != state.per_peer.end() && --peer->second == 0) state.per_peer.erase(peer);
            state.connections.erase(place);
        }
    } leave{*this, place};
    if (!sweeping) {
        sweeping = true;
        background.spawn("http time limits", sweep());
    }
    if (stopping) connection->stop();
    try {
        co_await connection->run();
    } catch (const boost::system::system_error& error) {
        // The client went while we wrote; nothing is wrong with us.
        spdlog::debug("http connection ended peer={} reason={}", connection->peer(), error.code().message());
    }
}

/// Runs only while there are connections: an idle server does not wake up.
Task<> HttpServer::State::sweep() {
    while (!connections.empty()) {
        sweep_timer.expires_after(sweep_interval);
        co_await sweep_timer.async_wait(asio::use_awaitable);
        const auto now = Clock::now();
        for (const auto& connection : connections) connection->check_deadline(now);
    }
    sweeping = false;
}

HttpServer::HttpServer(asio::any_io_executor executor, HttpLimits limits, HttpHandler handler, BodyRule rule)
    : state_{std::make_shared<State>(std::move(executor), std::move(limits), std::move(handler), std::move(rule))} {}

HttpServer::~HttpServer() {
    state_->stopping = true;
    for (auto& close : state_->close_acceptors) close();
}

std::uint16_t HttpServer::listen(const std::string& host, std::uint16_t port, const Certificate* certificate) {
    auto endpoint = resolve(state_->executor, host, port);
    auto acceptor = std::make_shared<tcp::acceptor>(state_->executor);
    try {
        boost::system::error_code error;
        acceptor->open(endpoint.protocol(), error);
        if (error && host.empty()) {  // a machine without IPv6
            endpoint = {asio::ip::address_v4::any(), port};
            acceptor->open(endpoint.protocol());
        } else if (error) {
            throw boost::system::system_error{error};
        }
        if (endpoint.protocol() == tcp::v6()) acceptor->set_option(asio::ip::v6_only{!host.empty() && host != "*"});
        acceptor->set_option(tcp::acceptor::reuse_address{true});
        acceptor->bind(endpoint);
        acceptor->listen();
    } catch (const boost::system::system_error& error) {
        throw ConfigurationError{"listen " + host + ":" + std::to_string(port) + ": " + error.code().message() +
                                 "; choose another address or end the program that uses it"};
    }
    state_->close_acceptors.emplace_back([acceptor] {
        boost::system::error_code ignored;
        acceptor->close(ignored);
    });
    const auto bound = acceptor->local_endpoint().port();
    state_->background.spawn("http accept", state_->accept(std::move(acceptor), certificate));
    return bound;
}

void HttpServer::listen(const std::filesystem::path& socket) {
    const local::endpoint endpoint{socket.string()};
    auto acceptor = std::make_shared<local::acceptor>(state_->executor);
    try {
        local::socket probe{state_->executor};
        boost::system::error_code refused;
        probe.connect(endpoint, refused);
        if (refused == asio::error::connection_refused) std::filesystem::remove(socket);
        acceptor->open(endpoint.protocol());
        acceptor->bind(endpoint);
        acceptor->listen();
    } catch (const boost::system::system_error& error) {
        throw ConfigurationError{"listen " + socket.string() + ": " + error.code().message()};
    }
    state_->close_acceptors.emplace_back([acceptor, socket] {
        boost::system::error_code ignored;
        acceptor->close(ignored);
        std::error_code gone;
        std::filesystem::remove(socket, gone);
    });
    state_->background.spawn("http accept", state_->accept(std::move(acceptor), nullptr));
}

Task<> HttpServer::stop() {
    auto state = state_;
    state->stopping = true;
    for (auto& close : state->close_acceptors) close();
    state->close_acceptors.clear();
    for (const auto& connection : state->connections) connection->stop();
    bool late = false;
    try {
        co_await with_deadline(Deadline::in(state->limits.stop_grace), "http answers under way", state->serving.join());
    } catch (const TimedOut&) {
        late = true;
    }
    if (late) {
        spdlog::warn("http answers were cut off count={}", state->serving.size());
        state->serving.cancel();
        co_await state->serving.join();
    }
    state->background.cancel();
    co_await state->background.join();
}

std::size_t HttpServer::connections() const { return state_->connections.size(); }

}  // namespace patchbay
