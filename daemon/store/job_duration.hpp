// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/store/query.hpp"

namespace patchbay {

/// From a job's start to its end, in microseconds; null until then. No filter of a URL.
const Field& job_duration();

}  // namespace patchbay
