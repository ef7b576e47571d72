// SPDX-License-Identifier: Apache-2.0
#include "daemon/workers/caller.hpp"

#include <openssl/hmac.h>

#include <array>

#include "core/config/yaml.hpp"
#include "core/equal_secrets.hpp"
#include "core/text.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "daemon/store/worker_leases.hpp"

namespace patchbay {
namespace {

std::string token_of(const Request& request) {
    const auto* token = request.header("lava-token");
    if (!token || token->empty()) throw worker_error(400, "Missing 'token'");
    return *token;
}

LoginRefused invalid_token() { return LoginRefused{worker_error(400, "Invalid 'token'")}; }

}  // namespace

ApiError worker_error(int status, const std::string& text) {
    return ApiError{status, config::dump_flow(config::Map{{"error", text}}), text};
}

Response worker_answer(config::Map map) { return json_answer(200, config::dump_flow(config::Value{std::move(map)})); }

WorkerRow calling_worker(const Request& request, const std::string& name, Services& lab) {
    auto worker = Workers{lab.store.reader()}.find(name);
    if (!worker || !worker->remote) throw worker_error(404, "Unknown worker '" + name + "'");
    const auto token = token_of(request);
    if (worker->token_hash.empty() || !equal_secrets(sha256_hex(token), worker->token_hash)) throw invalid_token();
    return std::move(*worker);
}

LeaseRow attempt_of(const Request& request, const std::string& job, Services& lab) {
    const auto number = whole_number(job);
    auto& reader = lab.store.reader();
    if (!number || !Jobs{reader}.status(JobId{*number})) throw worker_error(404, "Unknown job '" + job + "'");
    auto lease = WorkerLeases{reader}.find(JobId{*number}, token_of(request));
    if (!lease) throw invalid_token();
    return std::move(*lease);
}

std::string attempt_token(std::string_view worker_token, std::string_view store_identity, LeaseId lease) {
    const auto text = "attempt " + std::to_string(lease.value) + " of store " + std::string{store_identity};
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned size = 0;
    HMAC(EVP_sha256(), worker_token.data(), static_cast<int>(worker_token.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &size);
    return sha256_hex({reinterpret_cast<const char*>(mac.data()), size}).substr(0, 32);
}

}  // namespace patchbay
