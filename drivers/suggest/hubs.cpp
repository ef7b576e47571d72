// SPDX-License-Identifier: Apache-2.0
// Hubs that switch the supply of each port.

#include <algorithm>
#include <set>

#include "core/errors.hpp"
#include "drivers/suggest/naming.hpp"
#include "drivers/usb/hub_port.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// The hub that is the other speed of the same box; empty when there is none.
std::string peer_of(const UsbDevice& hub, int ports) {
    for (int port = 1; port <= ports; ++port) {
        std::error_code none;
        const auto peer = fs::canonical(hub_port_folder(hub, port) / "peer", none).filename().string();
        if (!none && peer.find("-port") != std::string::npos) return peer.substr(0, peer.rfind("-port"));
    }
    return {};
}

/// "1-1.2 (0403:6001 FT232R USB UART)" for what is plugged into a port, at either speed.
std::string what_is_on(const std::set<std::string>& places, const std::vector<UsbDevice>& devices) {
    std::string text;
    for (const auto& device : devices) {
        if (places.contains(device.path)) text += (text.empty() ? "" : ", ") + device.text();
    }
    return text;
}

Suggestion suggest(const UsbDevice& hub, int ports, const std::string& peer, const std::vector<UsbDevice>& devices,
                   const std::vector<UsbDevice>& hubs) {
    Suggestion one;
    one.what = text_of(hub);
    one.capability = "power";
    one.keys = {{"driver", "usb-hub-port"}};
    name_device(one, hub, hubs);
    one.keys.set("port", 1);
    one.notes.push_back("port: 1 to " + std::to_string(ports) + ", as the hub counts them.");
    if (!peer.empty()) one.notes.push_back("Its other speed is the hub " + peer + "; both are switched together.");
    if (hub.path.starts_with("usb"))
        one.notes.emplace_back("It is the machine's own: many of these say that they switch, and do not.");
    for (int port = 1; port <= ports; ++port) {
        std::set<std::string> places{hub_port_device(hub.path, port)};
        if (!peer.empty()) places.insert(hub_port_device(peer, port));
        const auto on_it = what_is_on(places, devices);
        if (!on_it.empty()) one.notes.push_back("On port " + std::to_string(port) + " is " + on_it + ".");
    }
    std::error_code none;
    const auto file = hub_port_folder(hub, 1) / "disable";
    note_access(one, fs::exists(file, none) ? file : hub.node);
    return one;
}

}  // namespace

std::vector<Suggestion> suggest_hubs(const fs::path& root) {
    const auto devices = usb_devices(root);
    std::vector<UsbDevice> hubs;
    std::set<std::string> peers;
    for (const auto& device : devices) {
        if (device.device_class != 9 || peers.contains(device.path)) continue;
        peers.insert(peer_of(device, count_hub_ports(device)));
        hubs.push_back(device);
    }
    std::vector<Suggestion> found;
    for (const auto& hub : hubs) {
        try {
            const auto ports = switched_hub_ports(hub, "whether it switches its ports");
            if (ports > 0) found.push_back(suggest(hub, ports, peer_of(hub, ports), devices, hubs));
        } catch (const InfrastructureError& error) {
            Suggestion one;
            one.what = text_of(hub);
            one.notes.push_back(std::string{"Not known: "} + error.what());
            found.push_back(std::move(one));
        }
    }
    return found;
}

}  // namespace patchbay
