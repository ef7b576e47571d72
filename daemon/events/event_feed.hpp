// SPDX-License-Identifier: Apache-2.0
#pragma once
// From what the store changed to who hears of it. Belongs to the io thread.

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/events/event.hpp"
#include "daemon/events/listener.hpp"
#include "daemon/lab/event_settings.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

class EventFeed {
public:
    /// Both must outlive it.
    EventFeed(asio::any_io_executor io, Store& store, const EventSettings& settings);
    EventFeed(const EventFeed&) = delete;
    EventFeed& operator=(const EventFeed&) = delete;

    /// Tells everybody who may see it. What cannot be read from the store is lost and logged.
    void tell(const std::vector<Change>& changes);
    /// `hear` gets every event that somebody without a name may see, or every event at all. Once.
    enum class Hears { what_is_public, everything };
    void also_tell(Hears hears, std::function<void(const Event&)> hear);

    /// A new listener; `login` as in Listener, of somebody who was let in. nullptr: there are too many, of this peer or
    /// of all. It is gone when its last owner lets go of it.
    std::shared_ptr<Listener> listen(Request login);

    struct Counters {
        std::size_t listeners = 0;  ///< now
        std::int64_t events = 0;    ///< made for anybody since the start
        std::int64_t too_slow = 0;  ///< listeners that were cut off
    };
    Counters counters() const;

private:
    void tell_listeners(const std::vector<Event>& events);

    asio::any_io_executor io_;
    Store& store_;
    const EventSettings& settings_;
    EventTexts texts_;
    std::vector<std::weak_ptr<Listener>> listeners_;
    std::function<void(const Event&)> hear_;
    Hears hears_ = Hears::what_is_public;
    std::int64_t events_ = 0, too_slow_ = 0;
};

}  // namespace patchbay
