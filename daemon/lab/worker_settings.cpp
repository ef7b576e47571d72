// SPDX-License-Identifier: Apache-2.0
#include "daemon/lab/worker_settings.hpp"

#include <set>

#include "devices/lab.hpp"

namespace patchbay {
namespace {

config::Value maybe_map(config::MapReader& reader, std::string_view key) {
    const auto* value = reader.raw(key);
    if (!value || value->is_null()) return {};
    if (!value->is_map()) reader.problem(key, "must be a map, as in LAVA's file of that name");
    return *value;
}

}  // namespace

std::vector<WorkerEntry> read_workers(config::MapReader& lab, const std::string& this_machine,
                                      config::Problems& problems) {
    std::vector<WorkerEntry> workers;
    if (!lab.has("workers")) return workers;
    std::set<std::string> names;
    for (auto& reader : lab.maps("workers")) {
        WorkerEntry entry;
        entry.name = reader.required<std::string>("name");
        entry.dispatcher = maybe_map(reader, "dispatcher");
        entry.env = maybe_map(reader, "env");
        entry.env_dut = maybe_map(reader, "env_dut");
        reader.finish();
        if (!entry.name.empty() && !is_device_name(entry.name))
            reader.problem("name", "'" + entry.name + "' has characters other than letters, digits, '.', '_' and '-'");
        if (!this_machine.empty() && entry.name == this_machine)
            reader.problem("name", "'" + entry.name + "' is worker_host, this machine; leave it out");
        if (!names.insert(entry.name).second)
            problems.add(reader.mark(), reader.path(), "another worker is called '" + entry.name + "', too");
        workers.push_back(std::move(entry));
    }
    return workers;
}

}  // namespace patchbay
