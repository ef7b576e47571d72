// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/client_gate.hpp"

#include <openssl/sha.h>
#include <spdlog/spdlog.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <cstring>

#include "daemon/http/response_head.hpp"

namespace patchbay {
namespace {

// How long a token that was right is let through beside wrong ones of the same address.
constexpr Rate right_for_an_hour{1. / 3600, 1};

std::uint64_t first_bytes(const unsigned char* bytes) {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

/// nullopt: of this machine. Of IPv6 as client_of() has it.
std::optional<std::uint64_t> client_key(const std::string& peer) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(peer, error);
    if (error || address.is_loopback()) return std::nullopt;
    if (address.is_v4()) return address.to_v4().to_uint();
    return first_bytes(address.to_v6().to_bytes().data());
}

/// A part of its hash, so that nobody can choose a token for its key, and no key tells the token.
std::optional<std::uint64_t> token_key(const Request& request) {
    const auto* token = request.header("authorization");
    if (!token) token = request.header("lava-token");  // of a worker
    if (!token) return std::nullopt;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
    SHA256(reinterpret_cast<const unsigned char*>(token->data()), token->size(), hash.data());
    return first_bytes(hash.data());
}

/// A name and a secret in its body, of a person who wants a token or registers a worker: no header tells that.
bool is_log_in(const Request& request) {
    return request.method == Method::post &&
           (request.path.ends_with("/token/") || request.path == "/scheduler/internal/v1/workers/");
}

/// The text is that of Django's REST framework, which LAVA's clients know.
HttpError too_many(Clock::duration wait) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait);
    const auto text = std::to_string(seconds.count());
    return HttpError{429, "Request was throttled. Expected available in " + text + " seconds.", seconds};
}

constexpr Clock::duration none{0};

}  // namespace

std::string client_of(const std::string& peer) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address_v6(peer, error);
    if (error || address.is_loopback()) return peer;
    return boost::asio::ip::make_network_v6(address, 64).canonical().to_string();
}

ClientGate::ClientGate(const ClientRates& rates)
    : requests_{rates.requests},
      token_requests_{rates.token_requests},
      failed_logins_{rates.failed_logins},
      right_tokens_{right_for_an_hour} {}

std::optional<Response> ClientGate::refusal(const Request& request, Clock::time_point now) {
    const auto client = client_key(request.peer);
    if (!client) return std::nullopt;
    if (const auto wait = requests_.take(*client, now); wait > none) return plain_error(too_many(wait));
    const auto token = token_key(request);
    const bool log_in = is_log_in(request);
    if (!token && !log_in) return std::nullopt;
    const auto barred = login_wait(*client, log_in ? std::nullopt : token, now);
    if (barred > none) return plain_error(too_many(barred));
    if (!token) return std::nullopt;
    if (const auto wait = token_requests_.take(*token, now); wait > none) return plain_error(too_many(wait));
    return std::nullopt;
}

Clock::duration ClientGate::login_wait(std::uint64_t client, std::optional<std::uint64_t> token,
                                       Clock::time_point now) const {
    const bool was_right = token && right_tokens_.wait(*token, now) > none;
    return was_right ? none : failed_logins_.wait(client, now);
}

void ClientGate::before_login(const Request& head, Clock::time_point now) const {
    const auto client = client_key(head.peer);
    const auto token = client ? token_key(head) : std::nullopt;
    if (!token) return;
    if (const auto wait = login_wait(*client, token, now); wait > none) throw too_many(wait);
}

void ClientGate::login_failed(const Request& request, Clock::time_point now) {
    const auto client = client_key(request.peer);
    const bool said_who = token_key(request) || is_log_in(request);
    if (!client || !said_who) return;
    failed_logins_.take(*client, now);
    spdlog::info("login failed client={} path={}", request.peer, request.path);
}

void ClientGate::answered(const Request& request, const Response& response, Clock::time_point now) {
    if (response.login_failed) return login_failed(request, now);
    const auto token = client_key(request.peer) ? token_key(request) : std::nullopt;
    if (token && response.authenticated && !is_log_in(request)) right_tokens_.use_up(*token, now);
}

}  // namespace patchbay
