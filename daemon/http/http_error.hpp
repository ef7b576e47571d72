// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace patchbay {

/// A request that cannot be answered as asked; `what()` is the `detail` of the answer. The connection closes after it.
struct HttpError : std::runtime_error {
    HttpError(int code, const std::string& detail) : std::runtime_error{detail}, status{code} {}
    int status;
};

}  // namespace patchbay
