// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/live_console.hpp"

#include "core/wake.hpp"

#include <algorithm>
#include <utility>

namespace patchbay {
namespace {

constexpr std::size_t most_at_once = 16 * 1024;
/// Of one reader that does not read.
constexpr std::size_t most_notices = 100;

}  // namespace

LiveConsole::ViewerPtr LiveConsole::join(std::string user, std::string by, std::size_t scrollback_bytes, Place place) {
    if (viewers_.size() >= most_viewers && (place == Place::guest || !make_room())) return nullptr;
    const auto from = bytes_.end() - static_cast<std::int64_t>(std::min(scrollback_bytes, scrollback));
    auto viewer =
        std::make_shared<Viewer>(executor_, std::move(user), std::move(by), std::max(from, bytes_.begin()), place);
    viewers_.push_back(viewer);
    return viewer;
}

/// Whoever was lent the keyboard works.
bool LiveConsole::make_room() {
    const auto guest = std::ranges::find_if(
        viewers_, [this](const ViewerPtr& one) { return one->place_ == Place::guest && one != writer_; });
    if (guest == viewers_.end()) return false;
    const auto viewer = *guest;
    viewers_.erase(guest);
    viewer->put_out_ = true;
    viewer->news_.cancel();
    return true;
}

void LiveConsole::resume(const ViewerPtr& viewer, std::int64_t at) {
    viewer->at_ = at;
    viewer->news_.cancel();
}

void LiveConsole::leave(const ViewerPtr& viewer) {
    std::erase(viewers_, viewer);
    if (writer_ != viewer) return;
    set_writer(nullptr);
    if (!over_) notice(viewer->user() + " has left; nobody has the keyboard");
}

Task<ConsoleNews> LiveConsole::next(ViewerPtr viewer) {
    for (;;) {
        ConsoleNews news;
        if (viewer->put_out_) {
            news.over = news.put_out = true;
            co_return news;
        }
        if (viewer->at_ < bytes_.begin()) {
            viewer->notices_.push_back(std::to_string(bytes_.begin() - viewer->at_) +
                                       " bytes are left out: they are older than what is kept for late readers");
            viewer->at_ = bytes_.begin();
        }
        news.at = viewer->at_;
        news.bytes = bytes_.read(viewer->at_, most_at_once);
        viewer->at_ += static_cast<std::int64_t>(news.bytes.size());
        news.notices = std::exchange(viewer->notices_, {});
        news.writer_changed = std::exchange(viewer->writer_changed_, false);
        news.over = over_ && viewer->at_ >= bytes_.end();
        const bool nudged = std::exchange(viewer->nudged_, false);
        if (!news.bytes.empty() || !news.notices.empty() || news.writer_changed || news.over || nudged) co_return news;
        co_await sleep_until_woken(viewer->news_, Clock::time_point::max());
    }
}

void LiveConsole::nudge(const ViewerPtr& viewer) {
    viewer->nudged_ = true;
    viewer->news_.cancel();
}

bool LiveConsole::type(const ViewerPtr& viewer, std::string_view bytes) {
    if (writer_ != viewer || over_) return false;
    type_(bytes);
    return true;
}

void LiveConsole::ask(const ViewerPtr& viewer, bool may_take) {
    if (writer_ == viewer) return;
    if (!writer_ && may_take) return set_writer(viewer);
    viewer->asks_ = true;
    const auto text = viewer->user() + " asks for the keyboard";
    // Without a writer whoever may take it hears of it.
    if (writer_)
        notice(writer_, text);
    else
        notice(text);
}

bool LiveConsole::give(const ViewerPtr& from, const std::string& user) {
    if (writer_ != from) return false;
    const auto of = [&](bool asks) {
        return std::ranges::find_if(viewers_, [&](const ViewerPtr& one) {
            return one != from && one->user() == user && (one->asks_ || !asks);
        });
    };
    auto found = of(true);
    if (found == viewers_.end()) found = of(false);
    if (found == viewers_.end()) return false;
    set_writer(*found);
    return true;
}

void LiveConsole::take(const ViewerPtr& viewer) {
    if (writer_ == viewer) return;
    if (writer_) notice(writer_, viewer->user() + " has taken the keyboard");
    set_writer(viewer);
}

void LiveConsole::set_writer(ViewerPtr viewer) {
    writer_ = std::move(viewer);
    if (writer_) writer_->asks_ = false;
    for (const auto& one : viewers_) one->writer_changed_ = true;
    wake_all();
}

void LiveConsole::put(std::int64_t at, std::string_view bytes) {
    const auto end = at + static_cast<std::int64_t>(bytes.size());
    if (end <= bytes_.end()) return;
    if (at > bytes_.end()) {
        // Behind a runner whose scrollback was shorter than our absence, or that we meet again after our own start.
        for (const auto& one : viewers_) {
            if (one->at_ >= at) continue;  // it has seen what comes again
            if (one->at_ > 0) notice(one, std::to_string(at - one->at_) + " bytes of the console were missed");
            one->at_ = at;
        }
        bytes_.restart(at);
    }
    bytes_.append(bytes.substr(static_cast<std::size_t>(bytes_.end() - at)));
    wake_all();
}

void LiveConsole::notice(const std::string& text) {
    for (const auto& one : viewers_) notice(one, text);
}

void LiveConsole::notice(const ViewerPtr& viewer, std::string text) {
    if (viewer->notices_.size() < most_notices) viewer->notices_.push_back(std::move(text));
    viewer->news_.cancel();
}

void LiveConsole::end() {
    over_ = true;
    wake_all();
}

void LiveConsole::wake_all() {
    for (const auto& one : viewers_) one->news_.cancel();
}

}  // namespace patchbay
