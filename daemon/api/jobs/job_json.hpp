// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "daemon/api/json_writer.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The job object, fields in LAVA's order (lava_rest_app/v02/serializers.py, TestJobSerializer). Values of `secrets`
/// are masked in the definitions unless `show_secrets`.
void write_job(JsonWriter& json, const JobRow& job, bool show_secrets);

/// May this caller read the secrets of this job?
bool may_see_secrets(const JobRow& job, const std::optional<UserRow>& user);

/// The definition with every value below `secrets` replaced by "[MASKED]"; as it is when it has none.
std::string mask_secrets(const std::string& definition);

}  // namespace patchbay
