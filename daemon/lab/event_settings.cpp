// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/event_settings.hpp"

#include <algorithm>

namespace patchbay {
namespace {

bool is_topic(std::string_view text) {
    const auto allowed = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
               c == '_';
    };
    return !text.empty() && text.size() <= 200 && std::ranges::all_of(text, allowed);
}

ZmqSettings read_zmq(config::MapReader map) {
    ZmqSettings zmq;
    zmq.address = map.required<std::string>("address");
    const auto colon = zmq.address.rfind(':');
    if (!zmq.address.empty() && (!zmq.address.starts_with("tcp://") || colon < 6))
        map.problem("address", "must be like tcp://*:5500 or tcp://127.0.0.1:5500");
    zmq.private_jobs = map.value_or("private_jobs", false);
    map.finish();
    return zmq;
}

}  // namespace

EventSettings read_event_settings(config::MapReader map) {
    EventSettings settings;
    settings.topic = map.value_or("topic", settings.topic);
    if (!is_topic(settings.topic)) map.problem("topic", "has 1 to 200 letters, digits and . - _");
    settings.listeners = map.value_or<unsigned>("listeners", static_cast<unsigned>(settings.listeners));
    settings.listeners_per_client =
        map.value_or<unsigned>("listeners_per_client", static_cast<unsigned>(settings.listeners_per_client));
    if (map.has("zmq")) settings.zmq = read_zmq(map.map("zmq"));
    map.finish();
    return settings;
}

}  // namespace patchbay
