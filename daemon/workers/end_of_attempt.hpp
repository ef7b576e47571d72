// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Its device is free for the next job; after the write.
void attempt_has_ended(const LeaseRow& lease, Services& lab);

}  // namespace patchbay
