// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/pdu_model.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"
#include "drivers/net/catalogue.hpp"
#include "drivers/net/pdu_text.hpp"
#include "drivers/net/regex.hpp"

namespace patchbay {
namespace {

using config::MapReader;

/// Texts of a model are looked at when it is read, with the variables of its first outlet.
class ModelReader {
public:
    ModelReader(MapReader& reader, PduModel& model) : reader_{reader}, model_{model} {}

    void read() {
        model_.summary = reader_.value_or<std::string>("summary", "");
        read_outlets();
        auto values = reader_.map("values");
        model_.when_on = values.value_or<std::string>("when_on", "1");
        model_.when_off = values.value_or<std::string>("when_off", "0");
        values.finish();
        auto defaults = reader_.map("defaults");
        model_.user = defaults.value_or<std::string>("user", "");
        model_.password = defaults.value_or<std::string>("password", "");
        model_.community = defaults.value_or<std::string>("community", "");
        model_.read_community = defaults.value_or("read_community", model_.community);
        defaults.finish();
        if (reader_.has("http")) read_http(reader_.map("http"));
        if (reader_.has("snmp")) read_snmp(reader_.map("snmp"));
        if (reader_.has("telnet")) read_telnet(reader_.map("telnet"));
        if (reader_.has("kasa")) read_kasa(reader_.map("kasa"));
        const int ways =
            model_.http.has_value() + model_.snmp.has_value() + model_.telnet.has_value() + model_.kasa.has_value();
        if (ways != 1) reader_.problem("http", "a model has one of http, snmp, telnet and kasa");
        if (reader_.has("state")) read_state(reader_.map("state"));
        reader_.finish();
    }

private:
    void read_outlets() {
        auto outlets = reader_.map("outlets");
        model_.first_outlet = outlets.value_or("first", 1);
        model_.last_outlet = outlets.value_or("last", 0);
        model_.bank_size = reader_.value_or("bank_size", 0);
        outlets.finish();
    }

    std::string text(MapReader& from, std::string_view key, std::string fallback = "") {
        auto value = from.value_or<std::string>(key, std::move(fallback));
        check(from, key, value);
        return value;
    }

    void check(MapReader& from, std::string_view key, const std::string& value) {
        try {
            expand(value, sample(), PduSecrets::plain);
        } catch (const ConfigurationError& error) {
            from.problem(key, error.what());
        }
    }

    std::string regex(MapReader& from, std::string_view key) {
        auto value = text(from, key);
        try {
            search_regex(expand(value, sample(), PduSecrets::plain), "");
        } catch (const ConfigurationError& error) {
            from.problem(key, error.what());
        }
        return value;
    }

    PduVariables sample() const {
        PduVariables variables;
        variables.outlet = std::max(1, model_.first_outlet);
        variables.bank_size = model_.bank_size;
        return variables;
    }

    /// A path, a mapping, or a list of mappings.
    std::vector<PduHttpStep> http_steps(MapReader& from, std::string_view key) {
        std::vector<PduHttpStep> steps;
        const auto* value = from.raw(key);
        if (value == nullptr) return steps;
        if (value->is_string()) {
            steps.emplace_back().path = text(from, key);
        } else if (value->is_map()) {
            steps.push_back(http_step(from.map(key)));
        } else {
            for (auto& each : from.maps(key)) steps.push_back(http_step(std::move(each)));
        }
        return steps;
    }

    PduHttpStep http_step(MapReader from) {
        PduHttpStep step;
        step.method = from.value_or<std::string>("method", "GET");
        if (step.method != "GET" && step.method != "POST" && step.method != "PUT")
            from.problem("method", "must be GET, POST or PUT");
        step.path = text(from, "path");
        for (const auto& [key, type] : {std::pair{"form", "application/x-www-form-urlencoded"},
                                        std::pair{"json", "application/json"}, std::pair{"body", "text/plain"}}) {
            if (!from.has(key)) continue;
            step.body = text(from, key);
            step.content_type = type;
        }
        if (!step.content_type.empty() && step.method == "GET") from.problem("method", "GET carries no body");
        step.headers = from.value_or<std::vector<std::string>>("headers", {});
        step.expect = regex(from, "expect");
        step.refused = regex(from, "refused");
        from.finish();
        return step;
    }

    void read_http(MapReader from) {
        auto& http = model_.http.emplace();
        http.auth = from.value_or<std::string>("auth", "none");
        if (http.auth != "none" && http.auth != "basic" && http.auth != "digest")
            from.problem("auth", "must be none, basic or digest");
        http.verify_tls = from.value_or("verify_tls", true);
        http.login = http_steps(from, "login");
        http.set = http_steps(from, "switch");
        http.status = http_steps(from, "status");
        http.logout = http_steps(from, "logout");
        need(from, "switch", http.set.empty());
        from.finish();
    }

    void read_snmp(MapReader from) {
        auto& snmp = model_.snmp.emplace();
        snmp.version = from.value_or<std::string>("version", "1");
        if (snmp.version != "1" && snmp.version != "2c") from.problem("version", "must be \"1\" or \"2c\"");
        auto set = from.map("switch");
        snmp.set_oid = text(set, "oid");
        snmp.set_value = text(set, "value", "${value}");
        snmp.type = set.value_or<std::string>("type", "i");
        set.finish();
        snmp.status_oid = text(from, "status");
        need(from, "switch", snmp.set_oid.empty());
        from.finish();
    }

    std::vector<PduExchange> exchanges(MapReader& from, std::string_view key) {
        std::vector<PduExchange> dialogue;
        for (auto& each : from.maps(key)) {
            PduExchange exchange;
            if (each.has("send")) exchange.send = text(each, "send");
            exchange.expect = regex(each, "expect");
            each.finish();
            dialogue.push_back(std::move(exchange));
        }
        return dialogue;
    }

    void read_telnet(MapReader from) {
        auto& telnet = model_.telnet.emplace();
        telnet.port = from.value_or("port", 23);
        telnet.line_end = from.value_or<std::string>("line_end", "\r\n");
        telnet.login = exchanges(from, "login");
        telnet.set = exchanges(from, "switch");
        telnet.status = exchanges(from, "status");
        telnet.logout = exchanges(from, "logout");
        need(from, "switch", telnet.set.empty());
        from.finish();
    }

    void read_kasa(MapReader from) {
        model_.kasa.emplace().port = from.value_or("port", 9999);
        from.finish();
    }

    static void need(MapReader& from, std::string_view key, bool missing) {
        if (missing) from.problem(key, "missing: what switches an outlet");
    }

    void read_state(MapReader from) {
        auto& state = model_.state.emplace();
        state.regex = regex(from, "regex");
        state.json = text(from, "json");
        state.bit = text(from, "bit");
        state.base = from.value_or("base", 10);
        state.is_on = from.value_or("is_on", std::vector<std::string>{"1"});
        state.is_off = from.value_or("is_off", std::vector<std::string>{"0"});
        state.is_pending = from.value_or("is_pending", std::vector<std::string>{});
        if (!state.regex.empty() && !state.json.empty()) from.problem("json", "a state has regex or json, not both");
        const bool asks = (model_.http && !model_.http->status.empty()) ||
                          (model_.snmp && !model_.snmp->status_oid.empty()) ||
                          (model_.telnet && !model_.telnet->status.empty()) || model_.kasa;
        if (!asks) from.problem("regex", "needs a 'status' beside 'switch': what asks the device");
        from.finish();
    }

    MapReader& reader_;
    PduModel& model_;
};

const config::Value& catalogue() {
    static const auto value = config::parse_yaml(embedded_pdu_models().front().text);
    return value;
}

}  // namespace

PduModel read_pdu_model(MapReader reader, std::string name) {
    PduModel model;
    model.name = std::move(name);
    ModelReader{reader, model}.read();
    return model;
}

std::optional<PduModel> find_pdu_model(const std::string& name) {
    const auto* value = catalogue().find(name);
    if (value == nullptr) return std::nullopt;
    config::Problems problems{std::string{embedded_pdu_models().front().path}};
    auto model = read_pdu_model(MapReader{*value, name, problems}, name);
    problems.raise_if_any();
    return model;
}

std::string known_pdu_models() {
    std::string names;
    for (const auto& [name, model] : *catalogue().as_map())
        names += (names.empty() ? "" : ", ") + config::python_str(name);
    return names;
}

}  // namespace patchbay
