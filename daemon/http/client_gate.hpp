// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which requests are too many: of one address, with one token, after wrong tokens. No clock.

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/http/message.hpp"
#include "daemon/http/rate_table.hpp"

namespace patchbay {

/// What of an address is one client: of IPv6 the half that a network has, as one client may have all addresses of it.
std::string client_of(const std::string& peer);

class ClientGate {
public:
    explicit ClientGate(const ClientRates& rates);

    /// Counts a request that is to be answered. Returns the 429 that is its answer when it is one too many. Who sent
    /// too many wrong tokens is refused with another one; a token that was right lately goes on, as many people may
    /// share an address.
    std::optional<Response> refusal(const Request& request, Clock::time_point now);
    /// The token of a large body is looked up before the body is read (BodyRule), and this comes before that: who sent
    /// too many wrong ones learns nothing of another. Throws: HttpError 429.
    void before_login(const Request& head, Clock::time_point now) const;
    /// It was none, or whatever else came with it was.
    void login_failed(const Request& request, Clock::time_point now);
    /// What came of a request.
    void answered(const Request& request, const Response& response, Clock::time_point now);

private:
    Clock::duration login_wait(std::uint64_t client, std::optional<std::uint64_t> token, Clock::time_point now) const;

    RateTable requests_, token_requests_, failed_logins_;
    RateTable right_tokens_;  ///< those that were right lately: their rate is used up
};

}  // namespace patchbay
