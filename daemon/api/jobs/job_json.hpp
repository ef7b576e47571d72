// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/api/jobs/shown_definitions.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The job object, fields in LAVA's order (lava_rest_app/v02/serializers.py, TestJobSerializer). `shown`: its
/// definitions as the reader may see them. A part of a portable job has that's number behind LAVA's fields.
void write_job(JsonWriter& json, const JobRow& job, const ShownDefinitions& shown,
               std::optional<std::int64_t> portable_job);

/// The definition's metadata as LAVA shows it: containers in Python's notation.
std::vector<std::pair<std::string, std::string>> shown_metadata(const JobRow& job);

}  // namespace patchbay
