// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/config/map_reader.hpp"
#include "core/config/value.hpp"

namespace patchbay {

/// What LAVA keeps in files for a worker that attaches over the network; each is a map, or null: there is none.
struct WorkerEntry {
    std::string name;
    config::Value dispatcher;  ///< dispatcher.yaml: dispatcher_ip, dispatcher_download_dir, prefix, ...
    config::Value env;         ///< env.yaml, for the runner: purge, removes, overrides
    config::Value env_dut;     ///< the same for targets; null: the lab's
};

/// Reads the list under `workers`; problems are added to the reader's. `this_machine`: the worker that is none of them.
std::vector<WorkerEntry> read_workers(config::MapReader& lab, const std::string& this_machine,
                                      config::Problems& problems);

}  // namespace patchbay
