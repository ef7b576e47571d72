// SPDX-License-Identifier: Apache-2.0
#pragma once
// One try at one notification, from its row to the wire; blocking, on a thread of its own.

#include <stop_token>

#include "daemon/deliver/attempt.hpp"
#include "daemon/deliver/http_callback.hpp"
#include "daemon/lab/notification_settings.hpp"
#include "daemon/store/outbox.hpp"

namespace patchbay {

/// How this lab sends.
struct DeliverySettings {
    NotificationSettings notifications;
    AddressPolicy policy;  ///< where callbacks may go
    Patience patience = {};
};

/// Reads what the job asks for and sends it. A token that is the name of a secret which the submitter has stored is
/// replaced by it, here and nowhere else. Throws: StoreError.
Attempt deliver(Database& db, const NotificationRow& row, const DeliverySettings& settings, std::stop_token stop);

}  // namespace patchbay
