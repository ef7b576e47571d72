// SPDX-License-Identifier: Apache-2.0
// The driver `static`: where a board stands in the network, as the lab's owner says it.
#include "core/errors.hpp"
#include "core/net/own_address.hpp"
#include "devices/capability/network.hpp"
#include "devices/device.hpp"
#include "drivers/net/net.hpp"
#include "drivers/usb/identity.hpp"

namespace patchbay {
namespace {

// The kernel's IFNAMSIZ, with the zero at its end.
constexpr std::size_t longest_name = 15;

struct Settings {
    std::optional<std::string> address, mac;
    std::string interface;  ///< of this host; empty: the route to `address` says it
};

Settings read(config::MapReader& options) {
    Settings settings;
    settings.address = options.maybe<std::string>("address");
    if (settings.address && !is_host_address(*settings.address))
        options.problem("address", "must be the board's IPv4 address, such as 10.0.0.17");
    // Digits between colons are a number to YAML 1.1.
    if (auto mac = read_quoted(options, "mac"); !mac.empty()) {
        if (!is_mac_address(mac)) options.problem("mac", "must be six pairs of digits, such as 52:54:00:ab:cd:ef");
        settings.mac = std::move(mac);
    }
    settings.interface = options.value_or("interface", std::string{});
    if (settings.interface.size() > longest_name || settings.interface.find_first_of("/ ") != std::string::npos)
        options.problem("interface", "must be the name of a network interface, as `ip -brief address` prints it");
    if (!options.has("address") && !options.has("mac") && !options.has("interface"))
        options.problem("address", "missing: give the board's address, its mac, or the interface that leads to it");
    options.finish();
    return settings;
}

class StaticNetwork final : public Driver, public Network {
public:
    StaticNetwork(Settings settings, std::string label) : settings_{std::move(settings)}, label_{std::move(label)} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Network>(*this, name); }

    Task<> make_safe() override { co_return; }  // nothing is switched

    std::string host_address() override {
        try {
            if (!settings_.interface.empty()) return interface_address(settings_.interface);
            if (settings_.address) return own_address_towards(*settings_.address);
        } catch (const InfrastructureError& error) {
            throw InfrastructureError{label_ + ": " + error.what() + "; " + next_step()};
        }
        auto own = own_address();
        if (own.empty())
            throw InfrastructureError{label_ +
                                      ": this machine has no default route; give the board's 'address' or the " +
                                      "'interface' that leads to it"};
        return own;
    }

    std::optional<std::string> address() const override { return settings_.address; }
    std::optional<std::string> mac() const override { return settings_.mac; }

private:
    std::string next_step() const {
        if (!settings_.interface.empty())
            return "see `ip -brief address`, and give the interface an address or correct 'interface' of the device";
        return "give this machine an address in the network of the board, or the device the 'interface' that leads "
               "there";
    }

    Settings settings_;
    std::string label_;
};

}  // namespace

DriverPtr make_static_network(const DriverRequest& request) {
    return std::make_unique<StaticNetwork>(read(request.options), request.label);
}

}  // namespace patchbay
