// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/http/message.hpp"

namespace patchbay {

/// Was this request made by a browser for a page of another site? Browsers say so (Fetch Metadata, RFC 6454); programs
/// say nothing and are never meant. Pure.
bool is_cross_site(const Request& request);

}  // namespace patchbay
