// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace patchbay {

/// For std::unique_ptr of what a C library frees by a function: std::unique_ptr<CURL, Deleter<curl_easy_cleanup>>.
template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};

}  // namespace patchbay
