// SPDX-License-Identifier: Apache-2.0
// Console output of a hostile test: every record that comes out can be written, read back, and made a case.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/config/yaml.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/case.hpp"
#include "jobs/results/test_run.hpp"

using namespace patchbay;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TestRunSettings settings;
    settings.multinode = true;
    settings.definitions.resize(2);
    settings.definitions[0].name = "0_a";
    settings.definitions[0].expected = {"x"};
    settings.definitions[1].name = "1_b";
    settings.definitions[1].parse_pattern = R"((?P<test_case_id>\S+): (?P<result>\w+)( (?P<measurement>\S+))?)";
    settings.definitions[1].expected_from_job = true;
    TestRun run{settings};
    Matcher matcher;
    std::string record;
    const auto take = [&](const TestEffects& effects) {
        for (const auto& effect : effects) {
            record.clear();
            if (const auto* line = std::get_if<LogLine>(&effect)) {
                append_log_record(record, {}, line->level, line->text);
                config::parse_json(record);
            } else if (const auto* result = std::get_if<ResultEffect>(&effect)) {
                append_result_record(record, {}, result->map);
                const auto read = config::parse_json(record);
                const auto* message = read.find("msg");
                if (!message) std::abort();
                const auto reading = read_case(*message, JobId{1});
                if (reading.test_case && reading.test_case->name.find('\n') != std::string::npos) std::abort();
            }
        }
    };
    matcher.feed({reinterpret_cast<const char*>(data), size});
    while (const auto match = matcher.search(run.patterns())) take(run.feed(*match, {}, 1));
    take(run.interrupted({}));
    take(run.cleanup());
    return 0;
}
