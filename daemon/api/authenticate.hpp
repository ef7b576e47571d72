// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "daemon/http/message.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// Who sends this request: the user of "Authorization: Token <secret>", nullopt for nobody. Other schemes are nobody.
/// Throws: ApiError 403 with LAVA's texts (rest_framework/authentication.py, lava_rest_app/authentication.py); a wrong
/// token is an error even where nobody may read.
std::optional<UserRow> authenticate(const Request& request, Database& db);

/// The same for XML-RPC: the user of "Authorization: Basic <user>:<secret>", nullopt without the header.
/// Throws: ApiError 401 for a wrong pair, 400 for every other header (linaro_django_xmlrpc/views.py).
std::optional<UserRow> authenticate_basic(const Request& request, Database& db);

}  // namespace patchbay
