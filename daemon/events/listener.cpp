// SPDX-License-Identifier: Apache-2.0
#include "daemon/events/listener.hpp"

#include "core/wake.hpp"

namespace patchbay {

Task<Listener::Text> Listener::next() {
    while (queue_.empty() && !goodbye_) co_await sleep_until_woken(news_, Clock::time_point::max());
    if (goodbye_) co_return nullptr;
    auto text = std::move(queue_.front());
    queue_.pop_front();
    bytes_ -= text->size();
    co_return text;
}

bool Listener::put(const Text& text) {
    if (goodbye_) return true;
    if (queue_.size() >= most_texts || bytes_ + text->size() > most_bytes) {
        end({1008, "too slow: events waited for this client until there were too many; connect again"});
        return false;
    }
    queue_.push_back(text);
    bytes_ += text->size();
    news_.cancel();
    return true;
}

void Listener::end(Goodbye why) {
    if (goodbye_) return;
    goodbye_ = std::move(why);
    queue_ = {};
    bytes_ = 0;
    news_.cancel();
}

}  // namespace patchbay
