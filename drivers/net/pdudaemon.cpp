// SPDX-License-Identifier: Apache-2.0
// PDUDaemon's HTTP listener. It takes an order, answers, and switches when its turn comes; it cannot be asked what is.

#include <chrono>

#include "core/text.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/net/http_session.hpp"
#include "drivers/net/pdu.hpp"

namespace patchbay {
namespace {

struct Settings {
    std::string host, pdu, outlet;
    int port = 16421;
    std::chrono::seconds patience{10};

    std::string name() const { return "PDUDaemon at " + host + ", PDU " + pdu + ", outlet " + outlet; }
};

Settings read(config::MapReader& options) {
    Settings settings;
    settings.host = options.value_or<std::string>("host", "localhost");
    settings.port = options.value_or("port", 16421);
    settings.pdu = options.required<std::string>("pdu");
    settings.outlet = std::to_string(options.required<int>("outlet"));
    settings.patience = options.value_or("timeout", std::chrono::seconds{10});
    if (settings.patience < std::chrono::seconds{1}) options.problem("timeout", "must be at least 1 s");
    if (settings.port < 1 || settings.port > 65535) options.problem("port", "must be 1 to 65535");
    return settings;
}

class PduDaemon final : public Switch {
public:
    PduDaemon(Settings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label} {}

    std::string name() const override { return settings_.name(); }

    Task<> set(bool on) override {
        auto work = [settings = settings_, label = label_, on] {
            HttpSession session{label + ": " + settings.name(), settings.patience};
            HttpAsk ask;
            ask.url = "http://" + settings.host + ":" + std::to_string(settings.port) + "/power/control/" +
                      (on ? "on" : "off") + "?hostname=" + percent_encode(settings.pdu) +
                      "&port=" + percent_encode(settings.outlet);
            session.ask(ask);
        };
        co_await on_hardware_worker(std::move(work));
    }

    Task<std::optional<bool>> read() override { co_return std::nullopt; }

private:
    Settings settings_;
    std::string label_;
};

}  // namespace

SwitchPtr make_pdudaemon_switch(const DriverRequest& request) {
    return std::make_unique<PduDaemon>(read(request.options), request);
}

}  // namespace patchbay
