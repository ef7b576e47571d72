// SPDX-License-Identifier: Apache-2.0
#include "core/task_group.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include "core/clock.hpp"
#include "core/deadline.hpp"
#include "core/errors.hpp"

namespace patchbay {

struct TaskGroup::State {
    explicit State(asio::any_io_executor e) : executor{std::move(e)}, changed{executor} {}
    struct Member {
        std::string name;
        asio::cancellation_signal stop;
    };
    asio::any_io_executor executor;
    Timer changed;
    std::list<std::shared_ptr<Member>> members;
    std::function<void(const std::string&, std::exception_ptr)> on_failure;
};

TaskGroup::TaskGroup(asio::any_io_executor executor) : state_{std::make_shared<State>(std::move(executor))} {
    state_->changed.expires_at(Clock::time_point::max());
}

TaskGroup::~TaskGroup() { cancel(); }

void TaskGroup::spawn(std::string name, Task<> task) {
    auto member = std::make_shared<State::Member>();
    member->name = std::move(name);
    auto place = state_->members.insert(state_->members.end(), member);
    // The handler owns the state, so a member may outlive the group object while it unwinds.
    auto finished = [state = state_, member, place](std::exception_ptr error) {
        state->members.erase(place);
        state->changed.cancel();
        if (error && !is_cancellation(error)) {
            if (state->on_failure) {
                state->on_failure(member->name, error);
            } else {
                spdlog::error("background task failed name={} error={}", member->name, describe(error));
            }
        }
    };
    asio::co_spawn(state_->executor, std::move(task),
                   asio::bind_cancellation_slot(member->stop.slot(), std::move(finished)));
}

void TaskGroup::on_failure(std::function<void(const std::string&, std::exception_ptr)> handler) {
    state_->on_failure = std::move(handler);
}

void TaskGroup::cancel() {
    const auto members = state_->members;  // emit() may run handlers that erase
    for (const auto& member : members) member->stop.emit(asio::cancellation_type::terminal);
}

Task<> TaskGroup::join() {
    auto state = state_;
    while (!state->members.empty()) {
        boost::system::error_code changed;
        co_await state->changed.async_wait(asio::redirect_error(asio::use_awaitable, changed));
    }
}

std::size_t TaskGroup::size() const { return state_->members.size(); }

}  // namespace patchbay
