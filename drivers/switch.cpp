// SPDX-License-Identifier: Apache-2.0
#include "drivers/switch.hpp"

#include <functional>

#include "core/errors.hpp"
#include "devices/capability/line.hpp"
#include "devices/capability/power.hpp"

namespace patchbay {
namespace {

/// What Power and Line of one contact have in common.
class Contact {
public:
    Contact(SwitchPtr contact, bool inverted, const DriverRequest& request)
        : switch_{std::move(contact)}, inverted_{inverted}, label_{request.label}, tell_{request.context.tell} {}

    std::string name() const { return switch_->name(); }

    Task<Switched> set(bool on) {
        co_await switch_->set(on != inverted_);
        const auto state = co_await read();
        if (!state) {
            // Once: a board that is cycled a hundred times says nothing new.
            if (tell_ && !told_) tell_(label_ + ": " + name() + " was switched, but what it does cannot be read back");
            told_ = true;
            co_return Switched::unverified;
        }
        if (*state != on) {
            throw InfrastructureError{label_ + ": " + name() + " was switched " + word(on) + ", but reads back " +
                                      word(*state) +
                                      ": the contact sticks, or another program switches it; try it by hand"};
        }
        co_return Switched::verified;
    }

    Task<std::optional<bool>> read() {
        auto state = co_await switch_->read();
        if (state) state = *state != inverted_;
        co_return state;
    }

    std::vector<std::filesystem::path> nodes() const { return switch_->nodes(); }

private:
    static std::string word(bool on) { return on ? "on" : "off"; }

    SwitchPtr switch_;
    bool inverted_;
    bool told_ = false;
    std::string label_;
    std::function<void(const std::string&)> tell_;
};

enum class SafeState { off, on, keep };

SafeState read_safe_state(config::MapReader& options) {
    // YAML 1.1 reads a bare off and on as false and true.
    const auto* value = options.raw("safe_state");
    if (value == nullptr || *value == config::Value{false} || *value == config::Value{"off"}) return SafeState::off;
    if (*value == config::Value{true} || *value == config::Value{"on"}) return SafeState::on;
    if (*value == config::Value{"keep"}) return SafeState::keep;
    options.problem("safe_state", "must be off, on or keep: what the board's supply is between leases");
    return SafeState::off;
}

class SwitchPower final : public Driver, public Power {
public:
    SwitchPower(Contact contact, SafeState safe) : contact_{std::move(contact)}, safe_{safe} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Power>(*this, name); }
    Task<> make_safe() override {
        if (safe_ != SafeState::keep) co_await contact_.set(safe_ == SafeState::on);
    }
    std::vector<std::filesystem::path> nodes() const override { return contact_.nodes(); }

    Task<Switched> on() override { return contact_.set(true); }
    Task<Switched> off() override { return contact_.set(false); }
    Task<std::optional<bool>> is_on() override { return contact_.read(); }
    std::string description() const override { return contact_.name(); }
    bool is_off_between_leases() const override { return safe_ == SafeState::off; }

private:
    Contact contact_;
    SafeState safe_;
};

class SwitchLine final : public Driver, public Line {
public:
    explicit SwitchLine(Contact contact) : contact_{std::move(contact)} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Line>(*this, name); }
    Task<> make_safe() override { co_await contact_.set(false); }
    std::vector<std::filesystem::path> nodes() const override { return contact_.nodes(); }

    Task<Switched> set(bool active) override { return contact_.set(active); }
    Task<std::optional<bool>> is_active() override { return contact_.read(); }

private:
    Contact contact_;
};

}  // namespace

DriverPtr make_switch_power(SwitchPtr (*make)(const DriverRequest&), const DriverRequest& request) {
    const bool inverted = request.options.value_or("inverted", false);
    const auto safe = read_safe_state(request.options);
    auto contact = make(request);
    request.options.finish();
    return std::make_unique<SwitchPower>(Contact{std::move(contact), inverted, request}, safe);
}

DriverPtr make_switch_line(SwitchPtr (*make)(const DriverRequest&), const DriverRequest& request) {
    const bool inverted = request.options.value_or("inverted", false);
    auto contact = make(request);
    request.options.finish();
    return std::make_unique<SwitchLine>(Contact{std::move(contact), inverted, request});
}

}  // namespace patchbay
