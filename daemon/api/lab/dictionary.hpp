// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/task.hpp"
#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"
#include "devices/lab.hpp"

namespace patchbay {

/// The device's dictionary. Of one that has none: its rendered file, else its variables in LAVA's form: "{% extends
/// 'qemu.jinja2' %}\n{% set memory = 512 %}\n".
std::string device_dictionary(const DeviceEntry& device, Services& lab);

/// The device as the runner of a job with this context (YAML, may be empty) would see it, as YAML.
/// Throws: ApiError 400 when the context or the device's description cannot be used.
Task<std::string> rendered_device(DeviceEntry device, std::string context, Services& lab);

/// Uploads the dictionary of a device whose configuration names a `dictionary`; what that file says already is no
/// upload. Dictionaries and templates say which commands the lab's host runs, so only superusers may: LAVA lets
/// everybody who may change the device. Throws: ApiError 403; JobError, it cannot become a device file; OwnedByFile,
/// the device is described otherwise.
Task<> change_dictionary(Services& lab, DeviceEntry device, std::string text, UserRow user);

/// "<type>.jinja2", as uploaded, or from the lab's folders; empty: there is none.
std::string template_of_type(const std::string& device_type, Services& lab);

/// Throws: ApiError 403; JobError, the text is no template.
Task<> change_template(Services& lab, std::string device_type, std::string text, UserRow user);

}  // namespace patchbay
