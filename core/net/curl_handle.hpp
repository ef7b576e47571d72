// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>

namespace patchbay {

/// The handle of this thread with all options at their defaults. It is kept for the thread, so that the next exchange
/// with the same server needs no new connection. Starts libcurl at the first call.
CURL* curl_of_thread();

}  // namespace patchbay
