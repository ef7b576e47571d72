// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/multinode_call.hpp"

#include <algorithm>
#include <array>

#include "core/errors.hpp"

namespace patchbay {
namespace {

using Kind = GroupCall::Kind;

struct CallName {
    std::string_view text;
    Kind kind;
};
constexpr std::array names{CallName{"SEND", Kind::send}, CallName{"SYNC", Kind::sync}, CallName{"WAIT", Kind::wait},
                           CallName{"WAIT_ALL", Kind::wait_all}};

std::string_view name_of(Kind kind) {
    const auto found = std::ranges::find(names, kind, &CallName::kind);
    return found == names.end() ? std::string_view{} : found->text;
}

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// Does the word begin with a key and an equals sign?
bool begins_pair(std::string_view word) {
    const auto key = std::ranges::find_if_not(word, is_word);
    return key != word.begin() && key != word.end() && *key == '=';
}

/// "ip=1 txt=a b": a value goes on until the next word that begins a pair.
std::variant<GroupCall, SignalError> with_data(GroupCall call, const Signal& signal) {
    for (std::size_t i = 1; i < signal.parameters.size(); ++i) {
        const auto& word = signal.parameters[i];
        if (begins_pair(word)) {
            const auto equals = word.find('=');
            call.data.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        } else if (!call.data.empty()) {
            call.data.back().second += " " + word;
        } else {
            return SignalError{"Ignoring a lava-send with '" + word + "', which is no key=value: \"" + signal.text +
                               "\""};
        }
    }
    return call;
}

/// Would the target's script take " 12:" inside a value for the next one?
bool is_ambiguous(const GroupItem& item) {
    const auto& text = item.value;
    for (auto blank = text.find(' '); blank != std::string::npos; blank = text.find(' ', blank + 1)) {
        const auto end = text.find_first_not_of("0123456789", blank + 1);
        if (end != std::string::npos && end > blank + 1 && text[end] == ':') return true;
    }
    return false;
}

std::string written(const GroupItem& item) { return item.sender + ":" + item.key + "=" + item.value; }

}  // namespace

std::variant<GroupCall, SignalError> parse_multinode_call(std::string_view name, std::string_view parameters) {
    const auto signal = make_signal(name, parameters);
    const auto known = std::ranges::find(names, name, &CallName::text);
    if (known == names.end()) return SignalError{"Ignoring an unknown multinode call: \"" + signal.name + "\""};
    if (signal.parameters.empty())
        return SignalError{"Ignoring a multinode call without an id: \"" + signal.name + "\""};
    GroupCall call;
    call.kind = known->kind;
    call.id = signal.parameters[0];
    if (call.kind == Kind::send) return with_data(std::move(call), signal);
    if (call.kind == Kind::wait_all && signal.parameters.size() > 1) call.role = signal.parameters[1];
    return call;
}

std::string case_of(const GroupCall& call) { return "multinode-" + std::string{to_string(call.kind)} + "-" + call.id; }

std::vector<std::string> reply_lines(const GroupCall& call, const std::vector<GroupItem>& items) {
    if (call.kind == Kind::send) return {};
    const auto marker = "<LAVA_" + std::string{name_of(call.kind)};
    std::string all = marker + "_COMPLETE";
    for (const auto& item : items) all += " " + written(item);
    all += '>';
    if (all.size() <= longest_reply_line && std::ranges::none_of(items, is_ambiguous)) return {std::move(all)};
    std::vector<std::string> lines;
    for (const auto& item : items) {
        lines.push_back(marker + "_ITEM " + written(item) + ">");
        if (lines.back().size() > longest_reply_line)
            throw TestError{"the value of '" + item.key + "' from job " + item.sender + " has " +
                            std::to_string(item.value.size()) +
                            " bytes, more than a console takes in a line; send it in pieces"};
    }
    lines.push_back(marker + "_COMPLETE>");
    return lines;
}

}  // namespace patchbay
