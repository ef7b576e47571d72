// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which requests are too many: of one address, with one token, after wrong tokens. No clock.

#include <optional>

#include "daemon/http/message.hpp"
#include "daemon/http/rate_table.hpp"

namespace patchbay {

class ClientGate {
public:
    explicit ClientGate(const ClientRates& rates);

    /// Counts a request that is to be answered. Returns the 429 that is its answer when it is one too many. Who sent
    /// too many wrong tokens is refused with another one; a token that was right lately goes on, as many people may
    /// share an address.
    std::optional<Response> refusal(const Request& request, Clock::time_point now);
    /// What came of it.
    void answered(const Request& request, const Response& response, Clock::time_point now);

private:
    RateTable requests_, token_requests_, failed_logins_;
    RateTable right_tokens_;  ///< those that were right lately: their rate is used up
};

}  // namespace patchbay
