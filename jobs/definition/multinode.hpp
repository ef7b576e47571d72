// SPDX-License-Identifier: Apache-2.0
#pragma once
// A multinode job, and what becomes of it: one job for each machine, which know each other as a group
// (lava_scheduler_app/utils.py, split_multinode_yaml).

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/config/value.hpp"
#include "core/ids.hpp"

namespace patchbay {

/// Machines of one group. LAVA has no bound but the lab's devices; a count of a million is a slip of the keyboard.
inline constexpr std::int64_t largest_group = 100;

/// One job of a group, before it has a number.
struct MultinodePart {
    std::string role;
    std::string device_type;
    std::vector<std::string> tags;
    bool essential = false;  ///< the others are cancelled when it fails
    std::string device;      ///< the only one that it may have; empty: any
    std::string worker;      ///< whose devices it may have; empty: any
    config::Map definition;  ///< what its runner gets, but for `roles`
};

bool is_multinode(const config::Map& job);

/// One part for each machine, in the order of the roles. `target_group`: what the parts have in common, a UUID.
/// Throws: SubmissionError, a role has no usable count or no machine, or the group is too large.
std::vector<MultinodePart> split_multinode(const config::Map& job, const std::string& target_group);

/// The definition of a part with `protocols.lava-multinode.roles`: every part has its device now.
/// Throws: JobError, `definition` is no part of a group.
std::string with_roles(const std::string& definition, const std::map<JobId, std::string>& roles);

/// What a part's definition says of its group.
struct Multinode {
    std::string target_group;
    std::string role;
    /// Number of each job of the group, as text, and its role; in the order of the numbers.
    std::vector<std::pair<std::string, std::string>> roles;
    config::Map environment;        ///< of the role
    std::vector<std::string> tags;  ///< of the role
    /// For one call to the others; LAVA's default (lava_dispatcher/protocols/multinode.py).
    std::chrono::seconds timeout{30};
    /// `request: lava-start`: the job begins when every job of this role has sent `lava_start`; empty: at once.
    std::string start_after;
    /// How long it waits for that.
    std::chrono::seconds start_timeout{90};
};

/// nullopt: the job is no part of a group.
std::optional<Multinode> read_multinode(const config::Value& document);

}  // namespace patchbay
