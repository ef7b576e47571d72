// SPDX-License-Identifier: Apache-2.0
#include "core/net/curl_guard.hpp"

#include <sys/socket.h>

#include "core/net/resolve.hpp"

namespace patchbay {

void CurlGuard::watch(CURL* handle) {
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, &CurlGuard::open);
    curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, this);
}

curl_socket_t CurlGuard::open(void* self, curlsocktype, curl_sockaddr* target) {
    auto& guard = *static_cast<CurlGuard*>(self);
    const auto address = address_of(target->addr);
    auto refusal = address ? guard.policy_.refusal(*address) : "it has no address of IPv4 or IPv6";
    if (refusal) {
        guard.refusal_ = std::move(*refusal);
        return CURL_SOCKET_BAD;
    }
    return ::socket(target->family, target->socktype | SOCK_CLOEXEC, target->protocol);
}

}  // namespace patchbay
