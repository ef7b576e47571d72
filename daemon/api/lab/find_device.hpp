// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/api/call.hpp"
#include "daemon/store/devices.hpp"

namespace patchbay {

/// The device that the path names, also a retired one. Throws: ApiError 404, there is none that the caller sees.
DeviceRow find_device(const Call& call);

}  // namespace patchbay
