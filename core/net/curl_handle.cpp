// SPDX-License-Identifier: Apache-2.0
#include "core/net/curl_handle.hpp"

#include <memory>

namespace patchbay {

CURL* curl_of_thread() {
    static const CURLcode global = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(global);
    thread_local const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle{curl_easy_init(), curl_easy_cleanup};
    curl_easy_reset(handle.get());
    return handle.get();
}

}  // namespace patchbay
