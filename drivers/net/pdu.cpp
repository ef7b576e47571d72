// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <chrono>

#include "core/config/yaml.hpp"
#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "drivers/net/pdu.hpp"
#include "drivers/net/pdu_link.hpp"
#include "drivers/net/pdu_model.hpp"
#include "drivers/net/pdu_state.hpp"

namespace patchbay {
namespace {

struct Settings {
    PduModel model;
    PduOutlet outlet;
    std::string name;
    std::string credentials;         ///< a file
    std::chrono::seconds settle{5};  ///< how long an outlet may take to say what it was told
};

PduModel read_model(config::MapReader& options) {
    const auto* value = options.raw("model");
    if (value != nullptr && value->is_map()) return read_pdu_model(options.map("model"), "of the lab's own model");
    const auto name = options.required<std::string>("model");
    auto model = find_pdu_model(name);
    if (!model && options.has("model")) {
        options.problem("model", "there is no model '" + name + "'; there are " + known_pdu_models() +
                                     ", or a mapping that describes one");
    }
    return model.value_or(PduModel{});
}

Settings read(config::MapReader& options, const std::string& label) {
    Settings settings;
    settings.model = read_model(options);
    const auto& model = settings.model;
    auto& outlet = settings.outlet;
    outlet.host = options.required<std::string>("host");
    outlet.number = options.required<int>("outlet");
    outlet.patience = options.value_or("timeout", std::chrono::seconds{10});
    outlet.user = model.user;
    outlet.password = model.password;
    outlet.community = model.community;
    outlet.read_community = model.read_community;
    settings.name = "PDU " + model.name + " at " + outlet.host + ", outlet " + std::to_string(outlet.number);
    outlet.what = label + ": " + settings.name;
    settings.credentials = options.value_or<std::string>("credentials", "");
    settings.settle = options.value_or("settle", std::chrono::seconds{5});
    const bool beyond = model.last_outlet > 0 && outlet.number > model.last_outlet;
    if (options.has("outlet") && (outlet.number < model.first_outlet || beyond)) {
        options.problem("outlet", "this model counts its outlets from " + std::to_string(model.first_outlet) +
                                      (model.last_outlet > 0 ? " to " + std::to_string(model.last_outlet) : ""));
    }
    if (outlet.patience < std::chrono::seconds{1}) options.problem("timeout", "must be at least 1 s");
    if (outlet.host.starts_with("-")) options.problem("host", "must be a name, an address or a URL");
    if (outlet.host.find('@') != std::string::npos)
        options.problem("host", "must hold no password, because many may read it; give a file 'credentials'");
    return settings;
}

/// The file is a mapping: user, password, community, read_community. Only its owner and group may read it.
void add_credentials(PduOutlet& outlet, const std::string& file) {
    struct ::stat facts {};
    if (::stat(file.c_str(), &facts) == 0 && (facts.st_mode & S_IROTH) != 0)
        throw InfrastructureError{outlet.what + ": everybody may read " + file + "; chmod o-r it"};
    config::Problems problems{file};
    try {
        const auto value = config::parse_yaml(read_whole_file(file, 64 * 1024));
        config::MapReader reader{value, "", problems};
        outlet.user = reader.value_or("user", outlet.user);
        outlet.password = reader.value_or("password", outlet.password);
        outlet.community = reader.value_or("community", outlet.community);
        outlet.read_community = reader.value_or("read_community", outlet.community);
        reader.finish();
        problems.raise_if_any();
    } catch (const std::exception& error) {
        throw InfrastructureError{outlet.what + ": credentials: " + error.what()};
    }
}

std::unique_ptr<PduLink> make_link(const PduModel& model, PduOutlet outlet) {
    if (model.snmp) return make_snmp_link(model, std::move(outlet));
    if (model.telnet) return make_telnet_link(model, std::move(outlet));
    if (model.kasa) return make_kasa_link(model, std::move(outlet));
    return make_http_link(model, std::move(outlet));
}

class PduSwitch final : public Switch {
public:
    explicit PduSwitch(Settings settings) : settings_{std::move(settings)} {}

    std::string name() const override { return settings_.name; }

    Task<> set(bool on) override {
        for (int attempt = 1; attempt < attempts; ++attempt) {
            try {
                co_await link().set(on);
                co_return co_await wait_until(on);
            } catch (const InfrastructureError&) {
                // Such devices lose a request now and then, or serve somebody else just now.
            }
            co_await sleep_for(pause);
        }
        co_await link().set(on);
        co_await wait_until(on);
    }

    Task<std::optional<bool>> read() override {
        if (!settings_.model.state) co_return std::nullopt;
        const auto end = Deadline::in(settings_.settle);
        for (;;) {
            const auto state = co_await ask();
            if (state != OutletState::pending) co_return state == OutletState::on;
            if (end.passed())
                throw InfrastructureError{settings_.outlet.what + " stays between on and off; switch it by hand"};
            co_await sleep_for(pause);
        }
    }

private:
    static constexpr int attempts = 3;
    static constexpr std::chrono::milliseconds pause{500};

    /// Many obey a moment after they have answered. Whoever asked for the switch looks at what it came to.
    Task<> wait_until(bool on) {
        if (!settings_.model.state) co_return;
        const auto end = Deadline::in(settings_.settle);
        for (;;) {
            const auto state = co_await ask();
            if (state == (on ? OutletState::on : OutletState::off) || end.passed()) co_return;
            co_await sleep_for(pause);
        }
    }

    Task<OutletState> ask() {
        const auto answer = co_await link().ask();
        try {
            co_return read_outlet_state(answer, *settings_.model.state,
                                        variables_of(settings_.model, settings_.outlet, ""));
        } catch (const Error& error) {
            throw InfrastructureError{settings_.outlet.what + ": " + error.what()};
        }
    }

    PduLink& link() {
        if (!link_) {
            auto outlet = settings_.outlet;
            if (!settings_.credentials.empty()) add_credentials(outlet, settings_.credentials);
            link_ = make_link(settings_.model, std::move(outlet));
        }
        return *link_;
    }

    Settings settings_;
    std::unique_ptr<PduLink> link_;
};

}  // namespace

SwitchPtr make_pdu_switch(const DriverRequest& request) {
    return std::make_unique<PduSwitch>(read(request.options, request.label));
}

}  // namespace patchbay
