// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a part of a multinode group asks of the others, and what it is answered: the words between its runner, who
// writes calls into the journal, and the daemon, who answers over the control socket (docs/lease-folder.md).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay {

struct GroupCall {
    enum class Kind {
        join,      ///< until every part is there
        send,      ///< tell all, also oneself
        sync,      ///< until every part has called it
        wait,      ///< until anybody has sent `id`
        wait_all,  ///< until all others have, or those of `role`
    };
    std::int64_t number = 0;  ///< counts from 1 in each lease
    Kind kind = Kind::join;
    std::string id;                                         ///< of the message
    std::string role;                                       ///< wait_all only; "": whatever their role
    std::vector<std::pair<std::string, std::string>> data;  ///< send only
};

/// "join", "send", "sync", "wait", "wait_all"
std::string_view to_string(GroupCall::Kind kind);

/// Bytes of `id`, `role` and `data` together, with some for the punctuation of each value. LAVA's client sends at most
/// so many (lava_dispatcher/protocols/multinode.py).
inline constexpr std::size_t largest_call = 0xFFFE;
std::size_t size_of(const GroupCall& call);
std::size_t size_of(const std::vector<std::pair<std::string, std::string>>& data);

/// {"call": "wait_all", "number": 3, "id": "done", "role": "client"}
std::string encode(const GroupCall& call);
/// nullopt: it is none.
std::optional<GroupCall> read_group_call(std::string_view json);

/// One value that somebody sent.
struct GroupItem {
    std::string sender;  ///< number of the job
    std::string key;
    std::string value;
    bool operator==(const GroupItem&) const = default;
};

struct GroupAnswer {
    std::int64_t number = 0;  ///< of the call
    std::string refused;      ///< why; empty: it was heard and has come true
    std::vector<GroupItem> items;
    bool operator==(const GroupAnswer&) const = default;
};

/// {"answer": 3, "items": [["101", "ip", "192.0.2.1"]]} or {"answer": 3, "refused": "..."}
std::string encode(const GroupAnswer& answer);
/// nullopt: it is none.
std::optional<GroupAnswer> read_group_answer(std::string_view json);

}  // namespace patchbay
