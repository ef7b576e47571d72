// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who asked, for answers that go on: meanwhile a token may be deleted, an account closed, a group left.

#include <optional>
#include <string>

#include "daemon/api/call.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

class Asker {
public:
    explicit Asker(const Call& call);

    /// Do they see the job as the store is now? Throws: StoreError.
    bool sees(JobId job) const;
    /// May they cancel it and the like? Throws: StoreError.
    bool may_change(JobId job) const;

private:
    std::optional<UserRow> user() const;

    Services* lab_;
    std::optional<std::string> authorization_;
};

}  // namespace patchbay
