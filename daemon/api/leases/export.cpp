// SPDX-License-Identifier: Apache-2.0
// The console of a lease as a port of the network.
#include <sys/random.h>

#include <array>

#include "core/errors.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/fields.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/leases/lease.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

std::string new_token() {
    std::array<unsigned char, 16> bytes;
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw InfrastructureError{"the system has no random numbers"};
    std::string text;
    for (const auto byte : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

ExportProtocol protocol_of(const Fields& fields) {
    const auto word = fields.text("protocol").value_or("rfc2217");
    if (word == "raw") return ExportProtocol::raw;
    if (word == "rfc2217") return ExportProtocol::rfc2217;
    throw not_a_choice("protocol", word);
}

}  // namespace

/// Whoever asks may connect from where they ask; from elsewhere with the token.
Task<Response> export_lease(Call& call) {
    const auto lease = find_own_lease(call);
    const Fields fields{call.request};
    const auto protocol = protocol_of(fields);
    find_link(call.lab, lease.job);
    auto record = [who = call.user->name, job = lease.job.id, peer = call.request.peer](Database& db) {
        Audit{db}.record({who, "lease.export", std::to_string(job.value), peer}, wall_now());
    };
    co_await call.lab.store.write(std::move(record));
    const auto link = find_link(call.lab, lease.job);
    const ExportAddress wanted{call.lab.settings.listen.host, 0, call.request.peer, new_token()};
    const auto address = link->open_export(protocol, wanted, call.user->name);
    JsonWriter json;
    json.begin_object().member("protocol", protocol == ExportProtocol::raw ? "raw" : "rfc2217");
    json.member("address", address.host).member("port", std::int64_t{address.port});
    json.member("from", address.peer).member("token", address.token).end_object();
    co_return json_answer(201, json.take());
}

/// All of them; who is connected is cut.
Task<Response> end_exports(Call& call) {
    const auto lease = find_own_lease(call);
    find_link(call.lab, lease.job)->close_exports();
    co_return no_content();
}

}  // namespace patchbay
