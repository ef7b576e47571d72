// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace patchbay {

/// A request that cannot be answered as asked; `what()` is the `detail` of the answer. The connection closes after it.
struct HttpError : std::runtime_error {
    HttpError(int code, const std::string& detail)
        : HttpError{code, detail, std::chrono::seconds{code == 503 ? 5 : 0}} {}
    HttpError(int code, const std::string& detail, std::chrono::seconds wait)
        : std::runtime_error{detail}, status{code}, retry_after{wait} {}
    int status;
    std::chrono::seconds retry_after;  ///< 0: not said
};

}  // namespace patchbay
