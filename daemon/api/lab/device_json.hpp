// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api/json_writer.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/viewer.hpp"

namespace patchbay {

/// A device as LAVA shows it, without its hostname, which the answer to a change leaves out.
void write_device_members(JsonWriter& json, const DeviceRow& device);

/// Ours, for who asks with ?health_reason=1: why its health is what it is, as far as the viewer may read it.
void write_health_reason(JsonWriter& json, const DeviceRow& device, const Viewer& viewer, Database& db);

}  // namespace patchbay
