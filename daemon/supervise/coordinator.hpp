// SPDX-License-Identifier: Apache-2.0
#pragma once
// The multinode groups that run, each made of the calls in the store: what LAVA has a server of its own for
// (lava-coordinator). An answer may be told more than once; the runner knows by its number which it waits for.

#include <functional>
#include <map>
#include <string>

#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/multinode_group.hpp"

namespace patchbay {

class Coordinator {
public:
    using Tell = std::function<void(JobId part, const GroupAnswer& answer)>;
    Coordinator(Store& store, Tell tell) : store_{store}, tell_{std::move(tell)} {}

    /// The store has new calls of this group; tells what they bring about.
    void heard(const std::string& target_group);
    /// The runner of this part may have missed what it was told.
    void repeat(JobId part, const std::string& target_group);
    /// Nobody of this group runs any more.
    void forget(const std::string& target_group) { groups_.erase(target_group); }

private:
    struct Group {
        MultinodeGroup state;
        std::int64_t last = 0;  // row of the last call that is in `state`
    };
    Group& group(const std::string& target_group);
    std::vector<JobId> catch_up(const std::string& target_group, Group& group);

    Store& store_;
    Tell tell_;
    std::map<std::string, Group> groups_;
};

}  // namespace patchbay
