// SPDX-License-Identifier: Apache-2.0
#include "jobs/results/test_effects.hpp"

#include "core/config/python_text.hpp"
#include "jobs/results/case.hpp"

namespace patchbay {

void set_measurement(config::Map& result, config::Value measurement, TestEffects& out) {
    const auto text = config::python_str(measurement);
    if (to_decimal(text)) {
        result.set("measurement", std::move(measurement));
        return;
    }
    out.push_back(LogLine{LogLevel::error, "Invalid measurement '" + config::python_strip(text) + "' of test case '" +
                                               config::text_or_empty(result.find("case")) +
                                               "': the case is kept without it"});
}

}  // namespace patchbay
