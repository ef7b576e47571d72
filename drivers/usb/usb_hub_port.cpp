// SPDX-License-Identifier: Apache-2.0
#include "drivers/hardware_workers.hpp"
#include "drivers/usb/hub_port.hpp"
#include "drivers/usb/usb.hpp"

namespace patchbay {
namespace {

struct Settings {
    UsbIdentity hub;
    int port = 0;
};

Settings read(config::MapReader& options) {
    Settings settings;
    settings.hub = read_usb_identity(options, UsbInterfaceKey::no, UsbRootHubs::yes);
    settings.port = options.required<int>("port");
    if (options.has("port") && (settings.port < 1 || settings.port > 255)) options.problem("port", "must be 1 to 255");
    if (settings.hub.empty()) options.problem("usb_path", "missing: give usb_path or serial_number of the hub");
    return settings;
}

class UsbHubPort final : public Switch {
public:
    UsbHubPort(Settings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label}, root_{request.context.root} {}

    std::string name() const override {
        return settings_.hub.name("USB hub") + ", port " + std::to_string(settings_.port);
    }

    Task<> set(bool on) override {
        auto work = [settings = settings_, label = label_, root = root_, on] {
            HubPort{settings.hub, settings.port, label, root}.set(on);
        };
        co_await on_hardware_worker(std::move(work));
    }

    Task<std::optional<bool>> read() override {
        auto work = [settings = settings_, label = label_, root = root_]() -> std::optional<bool> {
            return HubPort{settings.hub, settings.port, label, root}.read();
        };
        co_return co_await on_hardware_worker(std::move(work));
    }

    std::vector<std::filesystem::path> nodes() const override {
        try {
            return HubPort{settings_.hub, settings_.port, label_, root_}.nodes();
        } catch (const InfrastructureError&) {
            return {};
        }
    }

private:
    Settings settings_;
    std::string label_;
    std::filesystem::path root_;
};

}  // namespace

SwitchPtr make_usb_hub_port_switch(const DriverRequest& request) {
    return std::make_unique<UsbHubPort>(read(request.options), request);
}

}  // namespace patchbay
