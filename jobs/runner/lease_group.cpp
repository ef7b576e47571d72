// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/lease_group.hpp"

#include "core/wake.hpp"
#include "jobs/runner/sinks.hpp"

namespace patchbay {

LeaseGroup::LeaseGroup(asio::any_io_executor executor, JournalWriter& journal, JournalSink& sink)
    : journal_{journal}, sink_{sink}, answered_{executor} {}

std::string LeaseGroup::refusal(const GroupCall& call) const {
    if (size_of(call) > largest_call)
        return "it has " + std::to_string(size_of(call)) + " bytes, at most " + std::to_string(largest_call) +
               " are possible";
    if (last_ >= most_calls) return "the job has made " + std::to_string(most_calls) + " calls, which is the limit";
    if (bytes_ + size_of(call) > most_bytes)
        return "all calls of the job together would have more than " + std::to_string(most_bytes) + " bytes";
    return {};
}

Task<std::optional<GroupAnswer>> LeaseGroup::ask(GroupCall call, Deadline deadline) {
    if (auto why = refusal(call); !why.empty()) co_return GroupAnswer{0, std::move(why), {}};
    call.number = ++last_;
    bytes_ += size_of(call);
    answer_.reset();
    journal_.append(RecordKind::call, encode(call));
    sink_.flush();
    while (!answer_ && !deadline.passed()) co_await sleep_until_woken(answered_, deadline.at());
    co_return std::exchange(answer_, std::nullopt);
}

void LeaseGroup::hear(std::string_view line) {
    auto answer = read_group_answer(line);
    if (!answer || answer->number != last_) return;
    answer_ = std::move(answer);
    answered_.cancel();
}

}  // namespace patchbay
