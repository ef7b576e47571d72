// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"

#include "daemon/api/exports/exports.hpp"
#include "daemon/api/exports/record.hpp"

namespace patchbay {

std::string export_yaml(const std::vector<CaseRow>& rows, JobId job) {
    config::List list;
    for (auto& record : export_records(rows, job)) {
        config::Map map;
        map.set("id", record.id);
        map.set("job", record.job);
        map.set("level", record.level);
        map.set("log_end_line", record.log_end_line);
        map.set("log_start_line", record.log_start_line);
        map.set("logged", record.logged);
        map.set("measurement", record.measurement);
        map.set("metadata", std::move(record.metadata));
        map.set("name", record.name);
        map.set("result", record.result);
        map.set("suite", record.suite);
        map.set("unit", record.unit);
        map.set("url", record.url);
        list.emplace_back(std::move(map));
    }
    return config::dump_yaml(config::Value{std::move(list)}, config::KeyOrder::sorted);
}

std::string export_suites_yaml(const std::vector<SuiteRow>& suites) {
    config::List list;
    for (const auto& suite : suites) {
        config::Map map;
        map.set("id", std::to_string(suite.id.value));
        map.set("job", std::to_string(suite.job.value));
        map.set("name", suite.name);
        list.emplace_back(std::move(map));
    }
    return config::dump_yaml(config::Value{std::move(list)}, config::KeyOrder::sorted);
}

}  // namespace patchbay
