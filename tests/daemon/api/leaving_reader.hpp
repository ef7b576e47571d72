// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who loses the right to an answer while it goes on.

#include <functional>
#include <string>
#include <utility>

#include "daemon/http/message.hpp"
#include "daemon/store/store.hpp"

namespace patchbay::testing {

/// Takes the first piece; then `leave` is written to the store.
class LeavingReader final : public BodyWriter {
public:
    LeavingReader(Store& store, std::function<void(Database&)> leave) : store_{store}, leave_{std::move(leave)} {}

    Task<> write(std::string bytes) override {
        text += bytes;
        auto leave = std::exchange(leave_, nullptr);
        if (leave) co_await store_.write(std::move(leave));
    }

    std::string text;

private:
    Store& store_;
    std::function<void(Database&)> leave_;
};

}  // namespace patchbay::testing
