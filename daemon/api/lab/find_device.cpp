// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/lab/find_device.hpp"

#include "daemon/api/api_error.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {

DeviceRow find_device(const Call& call) {
    auto device = Devices{call.lab.store.reader()}.find(call.path_values[0]);
    if (!device || !call.viewer().sees_device(device->hostname)) throw not_found();
    return std::move(*device);
}

}  // namespace patchbay
