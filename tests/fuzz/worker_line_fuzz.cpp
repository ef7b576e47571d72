// SPDX-License-Identifier: Apache-2.0
// Any bytes as the log of a worker: each line becomes one record that JSON and YAML parsers read, with a level that
// clients know.
#include <cstdint>
#include <cstdlib>

#include "core/config/yaml.hpp"
#include "daemon/workers/worker_line.hpp"
#include "jobs/journal/log_record.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay;
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    for (const auto line : split_worker_lines(text)) {
        const auto read = read_worker_line(line, JobId{1}, WallTime{});
        const auto as_json = config::parse_json(read.record);
        const auto as_yaml = config::parse_yaml(read.record);
        if (read.record.find('\n') != std::string::npos || !as_json.find("msg") || !as_yaml.find("dt")) std::abort();
        if (config::string_or_empty(as_json.find("lvl")).empty()) std::abort();
        if (read.record.size() > 5 * max_record_characters) std::abort();
    }
    return 0;
}
