// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"
#include "devices/capability/console.hpp"
#include "drivers/net/net.hpp"
#include "drivers/net/tcp_link.hpp"

namespace patchbay {
namespace {

class TcpConsole final : public Driver, public Console {
public:
    TcpConsole(Endpoint endpoint, const DriverRequest& request)
        : link_{std::move(endpoint), request}, label_{request.label} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Console>(*this, name); }

    Task<> make_safe() override { return close(); }

    Task<> open() override {
        if (open_) co_return;
        failure_.clear();
        co_await link_.connect();
        open_ = true;
    }

    Task<std::string> read_some() override {
        while (open_) {
            auto bytes = co_await link_.read_some();
            if (!bytes.empty()) co_return bytes;
            if (open_) co_await resume();
        }
        if (!failure_.empty()) throw ConnectionClosedError{failure_};
        co_return std::string{};
    }

    Task<> write(std::string bytes) override {
        if (!open_) throw ConnectionClosedError{failure_.empty() ? label_ + ": the console is not open" : failure_};
        for (std::size_t sent = 0; sent < bytes.size();)
            sent += co_await link_.write_some(std::string_view{bytes}.substr(sent));
    }

    Task<> close() override {
        open_ = false;
        failure_.clear();
        link_.close();
        co_return;
    }

    std::string description() const override { return "tcp " + link_.endpoint().text(); }

private:
    Task<> resume() {
        try {
            co_await link_.reconnect();
        } catch (const ConnectionClosedError& error) {
            failure_ = error.what();
            open_ = false;
        }
    }

    TcpLink link_;
    std::string label_;
    bool open_ = false;
    std::string failure_;  ///< why the console ended
};

}  // namespace

DriverPtr make_tcp_console(const DriverRequest& request) {
    auto endpoint = read_endpoint(request.options);
    request.options.finish();
    return std::make_unique<TcpConsole>(std::move(endpoint), request);
}

}  // namespace patchbay
