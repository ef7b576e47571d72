// SPDX-License-Identifier: Apache-2.0
#pragma once
// All LAVA servers that the configuration names in `attach`.

#include <memory>
#include <vector>

#include "daemon/attach/attachment.hpp"

namespace patchbay {

class Attachments {
public:
    explicit Attachments(asio::any_io_executor io) : io_{io}, group_{io} {}

    /// Throws: ConfigurationError, one has no user or no token.
    void check(Services& lab) const;
    /// Begins with each of them. Jobs of one that the configuration does not name any more are cancelled, and nobody is
    /// told. Throws: StoreError.
    Task<> start(Services& lab);
    /// Done when: nothing of them runs any more.
    Task<> stop();

private:
    asio::any_io_executor io_;
    std::vector<std::unique_ptr<Attachment>> all_;
    TaskGroup group_;
};

}  // namespace patchbay
