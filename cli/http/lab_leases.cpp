// SPDX-License-Identifier: Apache-2.0
// The calls about people's leases, which are ours and not LAVA's.
#include "cli/http/lab.hpp"
#include "cli/json.hpp"
#include "core/config/yaml.hpp"

namespace patchbay::cli {
namespace {

constexpr auto leases = "/api/v0.2/leases/";

bool is_number(const std::string& name) {
    return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

/// Of one device one has it, others wait for it.
std::optional<config::Value> holder(const std::vector<config::Value>& some) {
    for (const auto& one : some)
        if (text_at(one, "state") != "Submitted") return one;
    return std::nullopt;
}

}  // namespace

config::Value Lab::post(const std::string& path, config::Map fields, const std::string& what, const std::string& lost) {
    const auto answer = http_->post(path, config::dump_json(config::Value{std::move(fields)}), lost);
    expect_success(answer, what, http_->server());
    return parse_answer(answer.body, http_->server() + path);
}

config::Value Lab::lease_by_number(const std::string& number) { return get(leases + number + "/", "lease " + number); }

Lab::Leases Lab::leases_of(const std::string& device) {
    const auto me = user();
    const auto all = get(leases, "leases");
    Leases found;
    for (const auto& one : list_at(all, "results")) {
        if (!device.empty() && text_at(one, "device") != device) continue;
        (text_at(one, "user") == me ? found.mine : found.others).push_back(one);
    }
    return found;
}

std::optional<config::Value> Lab::own_lease(const std::string& device) {
    const auto mine = leases_of(device).mine;
    if (auto one = holder(mine)) return one;
    if (mine.size() > 1)
        throw UserError{"device " + device + ": you wait for it more than once; name the lease by its number"};
    return mine.empty() ? std::nullopt : std::optional{mine.front()};
}

config::Value Lab::lease(const std::string& name) {
    if (is_number(name)) return lease_by_number(name);
    const auto [mine, others] = leases_of(name);
    if (mine.size() == 1) return mine.front();
    if (name.empty())
        throw UserError{mine.empty() ? "you have no lease; 'patchbay acquire DEVICE' makes a device yours"
                                     : "you have several leases; name the device"};
    if (auto one = holder(mine)) return *one;
    if (auto one = holder(others)) return *one;
    throw UserError{"device " + name + ": nobody has a lease of it; 'patchbay acquire " + name + "' makes it yours"};
}

}  // namespace patchbay::cli
