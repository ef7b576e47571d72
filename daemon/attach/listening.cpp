// SPDX-License-Identifier: Apache-2.0
// News come at once where the server tells them by its WebSocket; where it does not, we ask more often than it has
// news.
#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/deadline.hpp"
#include "daemon/attach/attachment.hpp"
#include "daemon/http/websocket_client.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

// Their jobs were fetched long before so many others have come.
constexpr std::size_t most_told_devices = 1000;

}  // namespace

/// One connection after the other, until cancelled.
Task<> Attachment::listen() {
    const auto address = read_websocket_address(settings_.server + "/ws/");
    Retry retry{times_};
    while (address) {
        std::exception_ptr failure;
        const auto began = Clock::now();
        try {
            Listening listening;
            listening.address = *address;
            listening.headers = {{"LAVA-Host", settings_.worker},
                                 {"LAVA-Token", read_worker_token(token_file_of(settings_, lab_.settings.state_dir))},
                                 {"User-Agent", "lava-worker " + version_}};
            listening.opened = [this] { listens(); };
            listening.hear = [this](const std::string& text) { hear(text); };
            co_await listen_by_websocket(std::move(listening));
        } catch (const std::exception&) {
            failure = std::current_exception();
        }
        if (is_cancellation(failure)) std::rethrow_exception(failure);
        if (Clock::now() - began > times_.longest_retry) retry.succeeded();
        does_not_listen(describe(failure));
        co_await sleep_for(retry.failed());
    }
}

void Attachment::listens() {
    state_.events = true;
    state_.events_problem.clear();
    note_state();
    wake();  // what happened until now nobody told
}

void Attachment::hear(const std::string& text) {
    auto event = read_event(text, settings_.worker);
    if (!event.refusal.empty()) throw InfrastructureError{"the server lets us hear no events: " + event.refusal};
    if (event.job == 0) return;
    if (!event.device.empty()) told_devices_[event.job] = std::move(event.device);
    if (told_devices_.size() > most_told_devices) told_devices_.erase(told_devices_.begin());
    if (event.calls) wake();
}

/// Each problem is logged once.
void Attachment::does_not_listen(const std::string& problem) {
    if (problem != state_.events_problem)
        spdlog::info("server's events are not heard, asking for news instead attachment={} problem=\"{}\"",
                     settings_.name, problem);
    state_.events = false;
    state_.events_problem = problem;
    note_state();
}

void Attachment::wake() {
    called_ = true;
    news_.cancel();
}

/// What came while we asked counts, too.
Task<> Attachment::wait_for_news() {
    boost::system::error_code ignored;
    news_.expires_after(settings_.interval);
    if (!called_) co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error{asio::error::operation_aborted};
    called_ = false;
}

/// For `patchbayd attach list`; written when it has changed.
void Attachment::note_state() {
    if (state_ == noted_) return;
    noted_ = state_;
    group_.spawn("state of attachment " + settings_.name, write_state(state_));
}

Task<> Attachment::write_state(AttachmentState state) {
    auto write = [state](Database& db) { AttachmentStates{db}.set(state, wall_now()); };
    co_await lab_.store.write(std::move(write));
}

}  // namespace patchbay
