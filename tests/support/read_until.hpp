// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a console or a process says until it says `mark`, or ends.

#include <string>

#include "core/task.hpp"

namespace patchbay::testing {

template <class Source>
Task<std::string> read_until(Source& source, std::string mark) {
    std::string text;
    while (text.find(mark) == std::string::npos) {
        const auto bytes = co_await source.read_some();
        if (bytes.empty()) co_return text;
        text += bytes;
    }
    co_return text;
}

}  // namespace patchbay::testing
