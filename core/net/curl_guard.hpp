// SPDX-License-Identifier: Apache-2.0
#pragma once
// Keeps a libcurl transfer to the addresses that a policy allows. What is checked is each address that is connected to,
// so that neither a redirect nor a name that resolves to another address the second time leads elsewhere.

#include <curl/curl.h>

#include <string>

#include "core/net/address_policy.hpp"

namespace patchbay {

class CurlGuard {
public:
    /// `policy` must outlive it.
    explicit CurlGuard(const AddressPolicy& policy) : policy_{policy} {}
    CurlGuard(const CurlGuard&) = delete;
    CurlGuard& operator=(const CurlGuard&) = delete;

    /// After curl_easy_reset(); the guard must outlive the transfer. A handle that keeps connections between transfers
    /// must keep to one policy.
    void watch(CURL* handle);

    /// Why the last connection that was refused was: AddressPolicy::refusal(). Empty: none was.
    const std::string& refusal() const { return refusal_; }

private:
    static curl_socket_t open(void* self, curlsocktype purpose, curl_sockaddr* target);

    const AddressPolicy& policy_;
    std::string refusal_;
};

}  // namespace patchbay
