// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/event_feed.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "core/errors.hpp"
#include "daemon/events/login.hpp"

namespace patchbay {

EventFeed::EventFeed(asio::any_io_executor io, Store& store, const EventSettings& settings)
    : io_{std::move(io)}, store_{store}, settings_{settings}, texts_{settings.topic} {}

void EventFeed::tell(const std::vector<Change>& changes) {
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    if (listeners_.empty() && !hear_) return;
    try {
        std::vector<Event> events;
        const auto now = wall_now();
        for (const auto& change : changes)
            if (auto event = texts_.of(change, store_.reader(), now)) events.push_back(std::move(*event));
        events_ += static_cast<std::int64_t>(events.size());
        if (hear_) {
            const Hearer nobody = viewer_of(store_.reader(), std::nullopt);
            for (const auto& event : events)
                if (hears_ == Hears::everything || hears(nobody, event)) hear_(event);
        }
        tell_listeners(events);
    } catch (const StoreError& error) {
        spdlog::error("events lost count={} error=\"{}\"", changes.size(), describe(std::current_exception()));
    }
}

/// Everybody is asked again who they are: a token may be gone, a user may have left a group.
void EventFeed::tell_listeners(const std::vector<Event>& events) {
    struct Known {
        std::optional<Hearer> hearer;
        std::optional<Goodbye> goodbye;
    };
    std::map<std::string, Known> known;  // by what they log in with: most listeners of a lab are the same few users
    std::vector<Listener::Text> texts(events.size());
    for (const auto& weak : listeners_) {
        const auto listener = weak.lock();
        if (!listener || listener->ended()) continue;
        const auto [entry, is_new] = known.try_emplace(login_key(listener->login()));
        auto& who = entry->second;
        if (is_new) {
            try {
                who.hearer = hearer_of_login(listener->login(), store_.reader());
            } catch (const ListenRefused& error) {
                who.goodbye = Goodbye{1008, "the token is not valid any more"};
            }
        }
        if (who.goodbye) {
            listener->end(*who.goodbye);
            continue;
        }
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (!hears(*who.hearer, events[i])) continue;
            if (!texts[i]) texts[i] = std::make_shared<const std::string>(as_list(events[i]));
            if (listener->put(texts[i])) continue;
            ++too_slow_;
            spdlog::info("listener cut off, it is too slow client={}", listener->peer());
            break;
        }
    }
}

void EventFeed::also_tell(Hears hears, std::function<void(const Event&)> hear) {
    hears_ = hears;
    hear_ = std::move(hear);
}

std::shared_ptr<Listener> EventFeed::listen(Request login) {
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    const auto of_peer = std::ranges::count_if(listeners_, [&](const auto& weak) {
        const auto listener = weak.lock();
        return listener && listener->peer() == login.peer;
    });
    if (listeners_.size() >= settings_.listeners || static_cast<std::size_t>(of_peer) >= settings_.listeners_per_client)
        return nullptr;
    auto listener = std::make_shared<Listener>(io_, std::move(login));
    listeners_.push_back(listener);
    return listener;
}

EventFeed::Counters EventFeed::counters() const {
    const auto alive = std::ranges::count_if(listeners_, [](const auto& listener) { return !listener.expired(); });
    return {static_cast<std::size_t>(alive), events_, too_slow_};
}

}  // namespace patchbay
