// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/deliverer.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "daemon/deliver/backoff.hpp"
#include "daemon/deliver/round.hpp"

namespace patchbay {
namespace {

// The wall clock may be set, and nobody tells us.
constexpr auto look_anyway = 10s;
constexpr auto store_retry = 2s;
// A slice takes less than a millisecond.
constexpr int receivers_of_slice = 200;
constexpr auto between_slices = 2ms;

}  // namespace

Deliverer::Deliverer(asio::any_io_executor io, Store& store, DeliverySettings settings)
    : store_{store}, settings_{std::move(settings)}, changed_{io}, group_{io} {}

Deliverer::~Deliverer() {
    stop_.request_stop();
    pool_.join();
}

void Deliverer::wake() {
    if (dirty_) return;
    dirty_ = true;
    changed_.cancel();
}

Task<> Deliverer::run() {
    for (;;) {
        dirty_ = false;
        auto pause = Clock::duration{look_anyway};
        try {
            co_await start_due();
            const auto now = wall_now();
            if (const auto next = Outbox{store_.reader()}.next_due(now))
                pause = std::min<Clock::duration>(pause, *next - now);
        } catch (const StoreError& error) {
            spdlog::error("looking into the outbox failed error=\"{}\"", describe(error));
        }
        if (dirty_) continue;
        changed_.expires_after(pause);
        boost::system::error_code ignored;
        co_await changed_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) co_return;
    }
}

Task<> Deliverer::stop() {
    stop_.request_stop();
    co_await group_.join();
}

/// One round through the submitters, from behind the one that was served last, as far as there are threads: the next
/// one that ends wakes us.
Task<> Deliverer::start_due() {
    Round submitters{last_served_};
    while (in_flight_.size() < threads) {
        auto seek = [this](UserId behind) { return Outbox{store_.reader()}.next_submitter(behind); };
        const auto submitter = submitters.next(std::move(seek));
        if (!submitter) co_return;
        co_await start_due_of(*submitter);
    }
}

std::size_t Deliverer::room_of(UserId submitter) const {
    const auto found = running_of_.find(submitter);
    const auto running = found == running_of_.end() ? 0 : found->second;
    return std::min(threads - in_flight_.size(), most_of_submitter - running);
}

/// The same through a submitter's receivers. Whoever submits names them, and there may be very many: all else goes on
/// between two slices.
Task<> Deliverer::start_due_of(UserId submitter) {
    Round receivers{last_receiver_[submitter]};
    for (int seeks = 1; room_of(submitter) > 0; ++seeks) {
        auto seek = [&](const std::string& behind) { return Outbox{store_.reader()}.next_receiver(submitter, behind); };
        const auto receiver = receivers.next(std::move(seek));
        if (!receiver) co_return;
        start_due_at(submitter, *receiver);
        if (seeks % receivers_of_slice == 0) co_await sleep_for(between_slices);
    }
}

void Deliverer::start_due_at(UserId submitter, const std::string& receiver) {
    const auto most = silent_.contains(receiver) ? 1 : most_of_receiver;
    const auto found = running_.find(receiver);
    const auto running = found == running_.end() ? 0 : found->second;
    if (running >= most) return;
    auto room = std::min(room_of(submitter), most - running);
    // Those that run are still waiting in the store, and may come first.
    const auto limit = static_cast<std::int64_t>(most + running);
    for (auto& row : Outbox{store_.reader()}.due(submitter, receiver, wall_now(), limit)) {
        if (room == 0) break;
        if (!in_flight_.insert(row.id).second) continue;
        --room;
        ++running_[receiver];
        ++running_of_[submitter];
        last_served_ = submitter;
        last_receiver_[submitter] = receiver;
        const auto name = "notification " + std::to_string(row.id.value);
        group_.spawn(name, attempt(std::move(row)));
    }
}

Task<> Deliverer::attempt(NotificationRow row) {
    auto work = [this, row](Database& db) { return deliver(db, row, settings_, stop_.get_token()); };
    Attempt attempt;
    std::exception_ptr failure;
    try {
        attempt = co_await store_.read_on(pool_, std::move(work));
    } catch (const std::exception&) {
        failure = std::current_exception();
    }
    if (failure) {
        spdlog::error("notification failed id={} job={} error=\"{}\"", row.id.value, row.job.value, describe(failure));
        attempt = {Attempt::Kind::again, 0, "a defect of this daemon; its log has more", {}};
    }
    if (attempt.kind != Attempt::Kind::stopped) {
        const auto spread = std::uniform_real_distribution{-1.0, 1.0}(random_);
        auto record = after_attempt(row, attempt, settings_.notifications, wall_now(), spread);
        if (record.phase == NotificationPhase::sent) {
            spdlog::info("notification sent id={} job={} kind={} receiver={} status={}", row.id.value, row.job.value,
                         to_string(row.kind), row.receiver, record.status);
        } else {
            spdlog::warn("notification {} id={} job={} kind={} receiver={} attempt={} problem=\"{}\"",
                         record.phase == NotificationPhase::waiting ? "failed, trying again" : "given up", row.id.value,
                         row.job.value, to_string(row.kind), row.receiver, row.attempts + 1, record.problem);
        }
        const bool waits = record.phase == NotificationPhase::waiting;
        co_await note(row.id, std::move(record));
        if (attempt.status == 0 && waits) {
            silent_.insert(row.receiver);
        } else {
            silent_.erase(row.receiver);
        }
    }
    in_flight_.erase(row.id);
    if (--running_[row.receiver] == 0) running_.erase(row.receiver);
    if (--running_of_[row.submitter] == 0) running_of_.erase(row.submitter);
    wake();
}

/// Until the store takes it: what was sent must not be sent again because a disk was full.
Task<> Deliverer::note(NotificationId id, AttemptRecord record) {
    auto write = [id, record](Database& db) { Outbox{db}.record(id, record); };
    for (;;) {
        std::exception_ptr failure;
        try {
            co_await store_.write(write);
            co_return;
        } catch (const StoreError&) {
            failure = std::current_exception();
        }
        spdlog::error("an attempt cannot be noted, trying again id={} error=\"{}\"", id.value, describe(failure));
        if (stop_.stop_requested()) co_return;
        co_await sleep_for(store_retry);
    }
}

}  // namespace patchbay
