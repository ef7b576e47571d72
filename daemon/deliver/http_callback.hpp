// SPDX-License-Identifier: Apache-2.0
#pragma once
// One try at a callback over HTTP (libcurl), blocking, on a thread of its own.

#include <stop_token>
#include <string>

#include "core/net/address_policy.hpp"
#include "daemon/deliver/attempt.hpp"
#include "daemon/deliver/callback_body.hpp"

namespace patchbay {

struct CallbackRequest {
    std::string url;
    CallbackMethod method = CallbackMethod::post;
    ContentType content_type = ContentType::json;
    std::string header;  ///< name of the one that carries the token
    std::string token;   ///< the secret itself; "" for none
};

/// Sends `body` (nothing with GET), whose length is told first. Follows redirects with the same method and body; the
/// token goes to the host that was named and to no other. Each address is held against the policy when its connection
/// is made, so that neither a redirect nor a name that changes its address gets around it.
/// Throws: StoreError, the body cannot be read.
Attempt send_callback(const CallbackRequest& request, CallbackBody& body, const AddressPolicy& policy,
                      const Patience& patience, std::stop_token stop);

/// May the token for `named` go to `next`, to which the receiver redirects? Pure.
bool keeps_token(std::string_view named, std::string_view next);

}  // namespace patchbay
