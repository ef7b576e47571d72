// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/task.hpp"
#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

enum class CancelAnswer { told, forbidden, gone };

/// Cancels for `user`, who sees the job. One that is over, or on its way there, is answered like one that was told,
/// whoever asks (lava_rest_app/v02/views.py). Throws: StoreError.
Task<CancelAnswer> cancel_for(Services& lab, const JobRow& job, const std::optional<UserRow>& user);

}  // namespace patchbay
