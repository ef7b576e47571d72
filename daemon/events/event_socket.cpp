// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/event_socket.hpp"

#include "daemon/api/cross_site.hpp"
#include "daemon/events/login.hpp"
#include "daemon/events/python_json.hpp"
#include "daemon/http/response_head.hpp"

namespace patchbay {
namespace {

Task<> refuse(WebSocket& socket, std::string why) {
    PythonObject error;
    error.add("error", why);
    co_await socket.send(error.take());
    co_await socket.close(1008, std::move(why));
}

Task<> forward(WebSocket& socket, std::shared_ptr<Listener> listener) {
    while (const auto text = co_await listener->next()) co_await socket.send(*text);
    const auto& goodbye = *listener->ended();
    co_await socket.close(goodbye.code, goodbye.reason);
}

Response health(const EventFeed& feed, std::int64_t dropped) {
    const auto counters = feed.counters();
    PythonObject json;
    json.add("health", std::string_view{"good"});
    json.add("listeners", static_cast<std::int64_t>(counters.listeners)).add("events", counters.events);
    json.add("too_slow", counters.too_slow).add("zmq_dropped", dropped);
    Response response;
    response.body = json.take();
    return response;
}

Response listen(const Request& request, EventFeed& feed, Database& db) {
    Response response;
    try {
        const auto hearer = hearer_of_login(request, db);
        const auto* viewer = std::get_if<Viewer>(&hearer);
        response.authenticated = !viewer || viewer->user.has_value();
    } catch (const ListenRefused& error) {
        response.login_failed = error.wrong_secret;
        response.websocket = [why = std::string{error.what()}](WebSocket& socket) { return refuse(socket, why); };
        return response;
    } catch (const StoreError&) {
        return plain_error({503, "The lab cannot read its data at the moment."});
    }
    auto listener = feed.listen(login_of(request));
    if (!listener) return plain_error({503, "Too many clients listen to events; close some or try again later."});
    response.websocket = [listener = std::move(listener)](WebSocket& socket) { return forward(socket, listener); };
    return response;
}

}  // namespace

bool is_event_socket(const Request& request) { return request.path.starts_with("/ws/"); }

Task<Response> answer_event_socket(Request& request, EventFeed& feed, Database& db, std::int64_t dropped) {
    if (request.method != Method::get) {
        auto response = plain_error({405, "Events are listened to by GET, as a WebSocket."});
        response.headers.emplace_back("Allow", "GET");
        co_return response;
    }
    if (request.path == "/ws/v1/healthz/") co_return health(feed, dropped);
    if (request.path != "/ws/") co_return plain_error({404, "Not found."});
    if (!asks_for_websocket(request))
        co_return plain_error({400, "This is a WebSocket: a client of RFC 6455 listens to events here."});
    if (is_cross_site(request)) co_return plain_error({403, "Pages of other sites may not listen to events here."});
    co_return listen(request, feed, db);
}

}  // namespace patchbay
