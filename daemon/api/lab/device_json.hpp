// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api/json_writer.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// A device as LAVA shows it, without its hostname, which the answer to a change leaves out.
void write_device_members(JsonWriter& json, const DeviceRow& device);

}  // namespace patchbay
