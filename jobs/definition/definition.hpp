// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a runner needs of a LAVA job, typed. Unknown keys of an action are kept in its raw map and ignored
// (lava_common/schemas/__init__.py).

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/value.hpp"
#include "jobs/definition/multinode.hpp"

namespace patchbay {

/// Units: seconds. A duration is the sum of its days, hours, minutes and seconds; a sum of 0 means 30 s.
struct JobTimeouts {
    std::chrono::seconds job{30};
    std::optional<std::chrono::seconds> action, connection;
    std::map<std::string, std::chrono::seconds> actions, connections;  ///< by name of the action
};

/// One entry of `actions`, with the keys that every kind shares.
struct ActionBlock {
    enum class Kind { deploy, boot, test, command };

    Kind kind = Kind::command;
    config::Map parameters;             ///< the whole map below `deploy:` and the like
    std::string name_space = "common";  ///< `namespace`
    std::string connection_namespace;
    std::optional<std::chrono::seconds> timeout;
    bool skip_timeout = false;  ///< `timeout: {skip: true}`
    std::optional<std::chrono::seconds> connection_timeout;
    std::map<std::string, std::chrono::seconds> timeouts;  ///< by name of the action
    std::optional<int> failure_retry;
    std::optional<int> repeat;
    std::chrono::seconds failure_retry_interval{1};
};

struct Definition {
    JobTimeouts timeouts;
    config::Map context;
    config::Map environment;
    config::Map protocols;  ///< as the job has them: lava-xnbd
    std::vector<std::string> tags;
    std::vector<std::pair<std::string, std::string>> secrets;  ///< values as text; null: ""
    std::vector<ActionBlock> actions;
    std::optional<Multinode> multinode;  ///< of a part of a group; its environment and tags are in those above, too
};

/// Reads what the runner needs; leaves the judgement of details to the actions.
/// Throws: JobError, it is no YAML map, or a key that every job needs is missing or of a wrong type.
Definition parse_definition(std::string_view text);
Definition read_definition(const config::Value& document);

/// A natural number, or its digits as text: templates quote what they fill in. Nothing for all else.
std::optional<unsigned> read_count(const config::Value* value);

}  // namespace patchbay
