// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/protocol_calls.hpp"

#include <algorithm>

#include "core/config/duration.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {
namespace {

using config::Value;

const config::List& calls_of(const ActionBlock& block) {
    static const config::List none;
    const auto* protocols = block.parameters.find("protocols");
    const auto* calls = protocols ? protocols->find("lava-multinode") : nullptr;
    return calls && calls->as_list() ? *calls->as_list() : none;
}

std::optional<GroupCall::Kind> kind_of(const std::string& request) {
    using enum GroupCall::Kind;
    constexpr std::pair<std::string_view, GroupCall::Kind> kinds[] = {{"lava-send", send},
                                                                      {"lava-start", send},
                                                                      {"lava-sync", sync},
                                                                      {"lava-wait", wait},
                                                                      {"lava-wait-all", wait_all}};
    for (const auto& [word, kind] : kinds) {
        if (request == word) return kind;
    }
    return std::nullopt;
}

/// A lava-start is the message that a role with `request: lava-start` waits for.
std::string id_of(const Value& entry) {
    if (config::text_or_empty(entry.find("request")) == "lava-start") return "lava_start";
    return config::text_or_empty(entry.find("messageID"));
}

const config::Map& message_of(const Value& entry) {
    static const config::Map none;
    const auto* message = entry.find("message");
    return message && message->as_map() ? *message->as_map() : none;
}

GroupCall call_of(const Value& entry) {
    GroupCall call;
    call.kind = kind_of(config::text_or_empty(entry.find("request"))).value();
    call.id = id_of(entry);
    call.role = config::text_or_empty(entry.find("role"));
    if (call.kind != GroupCall::Kind::send) return call;
    for (const auto& [key, value] : message_of(entry)) call.data.emplace_back(python_str(key), python_str(value));
    return call;
}

/// The message with each "$key" replaced by what the first sender said.
config::Map filled(JobContext& job, const Value& entry, const std::vector<GroupItem>& items) {
    config::Map values;
    bool asks = false;
    for (const auto& [key, value] : message_of(entry)) {
        const auto text = python_str(value);
        if (!text.starts_with('$')) continue;
        asks = true;
        const auto item = std::ranges::find_if(items, [&](const GroupItem& one) {
            return one.sender == items.front().sender && one.key == text.substr(1);
        });
        if (item == items.end()) {
            job.log.warning("'" + text + "': the message '" + config::text_or_empty(entry.find("messageID")) +
                            "' has no such value");
        } else {
            values.set(python_str(key), item->value);
        }
    }
    if (asks && values.empty())
        throw JobError{"Unable to identify replaceable values in the parameters: " +
                       config::python_repr(message_of(entry))};
    return values;
}

/// The values that its `message` asks for.
Task<config::Map> make_call(JobContext& job, const Value& entry, const std::string& action, Deadline deadline) {
    const auto call = call_of(entry);
    job.log.debug("Making protocol call for " + action + " using lava-multinode");
    const auto* own = entry.find("timeout");
    const auto limit = own && own->as_map() ? config::sum_of_units(*own->as_map()) : job.definition.multinode->timeout;
    auto question = call;  // named before the co_await (docs/maintainers/coroutines.md)
    const auto answer = co_await job.group->ask(std::move(question), deadline.at_most(limit));
    const auto name = std::string{to_string(call.kind)} + " '" + call.id + "' of " + action;
    if (!answer)
        raise(ErrorType::multinode_timeout, "protocol lava-multinode timed out: " + name + " had no answer within " +
                                                std::to_string(limit.count()) + " s");
    if (!answer->refused.empty()) throw JobError{name + " was refused: " + answer->refused};
    auto values = filled(job, entry, answer->items);
    if (!values.empty()) job.log.debug("Setting namespace data key " + call.id + " to " + config::python_repr(values));
    co_return values;
}

/// The call that waits for a message; nullptr: there is none.
const Value* waiting_call(const JobContext& job, const std::string& id) {
    for (const auto& block : job.definition.actions) {
        for (const auto& entry : calls_of(block)) {
            const auto kind = kind_of(config::text_or_empty(entry.find("request")));
            const bool waits = kind == GroupCall::Kind::wait || kind == GroupCall::Kind::wait_all;
            if (waits && id_of(entry) == id) return &entry;
        }
    }
    return nullptr;
}

}  // namespace

void check_protocol_calls(const JobContext& job, const ActionBlock& block, const std::vector<std::string>& actions,
                          std::vector<std::string>& errors) {
    const auto& calls = calls_of(block);
    if (!calls.empty() && !job.definition.multinode) {
        errors.push_back("'protocols.lava-multinode' of an action needs a multinode job");
        return;
    }
    for (const auto& entry : calls) {
        const auto action = config::text_or_empty(entry.find("action"));
        const auto request = config::text_or_empty(entry.find("request"));
        if (std::ranges::find(actions, action) == actions.end())
            errors.push_back("'protocols.lava-multinode' names the action '" + action +
                             "', which this block has not; its actions are " + python_list(actions));
        if (!kind_of(request))
            errors.push_back("'protocols.lava-multinode' has the request '" + request +
                             "'; use lava-send, lava-start, lava-sync, lava-wait or lava-wait-all");
        if (id_of(entry).empty())
            errors.push_back("'protocols.lava-multinode' has a '" + request + "' without 'messageID'");
    }
}

Task<> make_protocol_calls(JobContext& job, const ActionBlock& block, std::string action, Deadline deadline) {
    for (const auto& entry : calls_of(block)) {
        if (config::text_or_empty(entry.find("action")) == action) co_await make_call(job, entry, action, deadline);
    }
}

bool waits_for_message(const JobContext& job, const std::string& id) { return waiting_call(job, id) != nullptr; }

Task<config::Map> message_values(JobContext& job, std::string id, std::string action, Deadline deadline) {
    const auto* entry = waiting_call(job, id);
    if (!entry) throw JobError{"Unable to retrieve " + id + " - missing ssh deploy?"};
    co_return co_await make_call(job, *entry, action, deadline);
}

}  // namespace patchbay
