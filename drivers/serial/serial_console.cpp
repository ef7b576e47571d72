// SPDX-License-Identifier: Apache-2.0
// The console on a serial port, through the loss and the return of its adapter.

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <utility>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/serial_control.hpp"
#include "drivers/folder_watch.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/serial/attempt.hpp"
#include "drivers/serial/serial.hpp"

namespace patchbay {
namespace {

using Outcome = Attempt::Outcome;

// The kernel hands out at most 4 KiB in one read of a terminal.
constexpr std::size_t read_size = 8192;
// udev gives a new device to its group, and other programs look at it, after it has appeared: no event tells when the
// last of them has closed it.
constexpr auto retry_refused = 250ms;
// How long closing waits until the last bytes are out. At 9600 bits a second that is 480 of them.
constexpr auto drain_limit = 500ms;

std::string seconds(Clock::duration time) {
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
    return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " s";
}

class SerialConsole final : public Driver, public Console, public SerialControl {
public:
    SerialConsole(SerialSettings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label}, context_{request.context} {}

    void offer(Capabilities& device, const std::string& name) override {
        device.add<Console>(*this, name);
        device.add<SerialControl>(*this, name);
    }

    Task<> make_safe() override { return close(); }

    std::vector<std::filesystem::path> nodes() const override {
        const auto found = find_serial_adapters(settings_.adapter, context_.root);
        if (found.size() != 1) return {};
        return {context_.root / "dev" / found.front().name};
    }

    Task<> open() override {
        if (state_ == State::open || state_ == State::away) co_return;
        failure_.clear();
        others_.clear();
        begin_waiting();
        try {
            co_await acquire(Occasion::opening);
        } catch (...) {  // also a cancellation: it is not half open then
            state_ = State::closed;
            throw;
        }
        if (settings_.flush && port_) control(port_, &SerialPort::flush);
    }

    Task<std::string> read_some() override {
        for (;;) {
            if (state_ == State::closed) co_return std::string{};
            if (state_ == State::failed) throw ConnectionClosedError{failure_};
            if (state_ == State::away) {
                co_await acquire(Occasion::reading);
                continue;
            }
            const auto port = port_;
            boost::system::error_code error;
            const auto size = co_await port->stream().async_read_some(asio::buffer(buffer_),
                                                                      asio::redirect_error(asio::use_awaitable, error));
            if (size > 0) co_return std::string{buffer_.data(), size};
            if (error == asio::error::operation_aborted && port == port_) throw boost::system::system_error{error};
            lose(port);
        }
    }

    Task<> write(std::string bytes) override {
        const auto port = port_;
        if (!port) throw ConnectionClosedError{unusable()};
        boost::system::error_code error;
        co_await asio::async_write(port->stream(), asio::buffer(bytes),
                                   asio::redirect_error(asio::use_awaitable, error));
        if (!error) co_return;
        if (error == asio::error::operation_aborted && port == port_) throw boost::system::system_error{error};
        lose(port);
        throw ConnectionClosedError{unusable()};
    }

    Task<> close() override {
        const auto port = std::exchange(port_, nullptr);
        state_ = State::closed;
        if (!port) co_return;
        port->stream().cancel();
        try {
            const auto limit = Deadline::in(drain_limit);
            while (!limit.passed() && port->is_sending()) co_await sleep_for(5ms);
        } catch (...) {
            port->close();
            throw;
        }
        co_await release(port);
    }

    std::string description() const override {
        return "serial port, " + settings_.adapter.text() + ", " + to_string(settings_.line);
    }

    Task<> send_break(Clock::duration held) override {
        const auto port = usable_port();
        control(port, &SerialPort::set_break, true);
        auto wait = sleep_for(held);
        auto end = end_break(port);
        co_await and_finally(std::move(wait), std::move(end));
    }

    Task<> set_speed(int speed) override {
        control(usable_port(), &SerialPort::set_speed, speed);
        settings_.line.speed = speed;
        co_return;
    }

    Task<> set_dtr(bool asserted) override {
        control(usable_port(), &SerialPort::set_dtr, asserted);
        settings_.line.dtr = asserted;
        co_return;
    }

    Task<> set_rts(bool asserted) override {
        control(usable_port(), &SerialPort::set_rts, asserted);
        settings_.line.rts = asserted;
        co_return;
    }

    Task<ModemLines> modem_lines() override {
        const auto port = usable_port();
        ModemLines lines;
        try {
            lines = port->modem_lines();
        } catch (const PortFailure& failure) {
            throw_refused(port, failure);
        }
        co_return lines;
    }

private:
    using PortPtr = std::shared_ptr<SerialPort>;

    enum class State {
        closed,
        open,  ///< there is a port_
        away,  ///< waited for since away_since_
        failed
    };
    enum class Occasion { opening, reading };

    // -- loss and return

    void begin_waiting() {
        state_ = State::away;
        refused_since_.reset();
        away_since_ = Clock::now();
        ++waits_;
    }

    /// The port says nothing more. Closed at once: while the old descriptor is open, the adapter would come back under
    /// another number, and a hub could not be told that nobody uses it. It takes no time: nobody is asked any more.
    void lose(PortPtr port) {
        if (!port || port != port_) return;
        port_.reset();
        port->close();
        others_ = serial_places(context_.root);
        others_.erase(place_);
        begin_waiting();
        tell(adapter_->text() + " is gone from " + port->path() +
             (settings_.board_powered ? "; it has its supply from the board, and is waited for"
                                      : "; waiting " + seconds(settings_.lost_after) + " for it"));
    }

    /// Nobody may be reading at the moment, so the loss is watched for by itself.
    void watch_for_loss(const PortPtr& port) {
        std::weak_ptr<SerialPort> weak{port};
        port->stream().async_wait(asio::posix::stream_descriptor::wait_error,
                                  [this, weak](const boost::system::error_code& error) {
                                      const auto lost = weak.lock();
                                      if (!error && lost) lose(lost);
                                  });
    }

    Task<Attempt> attempt_once() {
        auto work = [settings = settings_, root = context_.root, others = others_] {
            return attempt_to_open(settings, root, others);
        };
        co_return co_await on_hardware_worker(std::move(work));
    }

    /// Closes it, whoever else still holds it.
    static Task<> release(PortPtr port) {
        port->detach();
        auto work = [port] { port->close(); };
        co_await on_hardware_worker(std::move(work));
    }

    /// Waits until the adapter is there and open, as long as it may be away.
    Task<> acquire(Occasion occasion) {
        std::optional<FolderWatch> watch;
        const int wait = waits_;
        while (state_ == State::away) {
            if (watch) add_folders(*watch);
            auto attempt = co_await attempt_once();
            if (state_ != State::away || wait != waits_) {  // closed meanwhile
                if (attempt.port) co_await release(attempt.port);
                co_return;
            }
            if (attempt.outcome == Outcome::opened) {
                take(std::move(attempt), occasion);
                co_return;
            }
            const auto until = patience_with(attempt.outcome, occasion);
            if (until.passed() && settings_.board_powered && attempt.outcome == Outcome::absent) co_return;
            if (until.passed()) fail(attempt, occasion);
            if (!watch) {
                watch.emplace(context_.executor);  // and look again: it may have come before the watch
                continue;
            }
            co_await change_of(*watch, attempt.outcome == Outcome::refused ? until.at_most(retry_refused) : until);
        }
    }

    /// Until when another attempt may end otherwise.
    Deadline patience_with(Outcome outcome, Occasion occasion) {
        const auto now = Clock::now();
        if (outcome == Outcome::ambiguous) return Deadline{now};
        if (outcome == Outcome::absent) {
            refused_since_.reset();
            if (!settings_.board_powered) return Deadline{away_since_ + settings_.lost_after};
            return occasion == Occasion::opening ? Deadline{now} : Deadline::never();
        }
        if (occasion == Occasion::opening) return Deadline{now};
        if (!refused_since_) refused_since_ = now;
        return Deadline{*refused_since_ + settings_.lost_after};
    }

    void add_folders(FolderWatch& watch) const {
        for (const auto* folder : {"dev", "dev/serial", "dev/serial/by-id", "dev/serial/by-path"})
            watch.add(context_.root / folder);
        if (!settings_.adapter.link.empty())
            watch.add(context_.root / settings_.adapter.link.relative_path().parent_path());
    }

    static Task<> change_of(FolderWatch& watch, Deadline deadline) {
        try {
            co_await with_deadline(deadline, "change in /dev", watch.changed());
        } catch (const TimedOut&) {
        }
    }

    void take(Attempt attempt, Occasion occasion) {
        if (occasion == Occasion::reading) {
            auto text = attempt.adapter.text() + (adapter_ ? " is back as " : " is there as ") +
                        attempt.adapter.path() + " after " + seconds(Clock::now() - away_since_);
            if (adapter_ && attempt.adapter.serial_number() != adapter_->serial_number())
                text += "; it is another one than before, which was " + adapter_->text();
            else if (adapter_ && attempt.place != place_)
                text += "; it is in another place than before, where it was " + adapter_->text();
            tell(text + "; what the board said meanwhile is lost");
        }
        adapter_ = std::move(attempt.adapter);
        place_ = std::move(attempt.place);
        port_ = std::move(attempt.port);
        port_->attach(context_.executor);
        refused_since_.reset();
        state_ = State::open;
        watch_for_loss(port_);
    }

    [[noreturn]] void fail(const Attempt& attempt, Occasion occasion) {
        if (occasion == Occasion::opening) {
            throw InfrastructureError{label_ + ": " + attempt.problem};
        }
        state_ = State::failed;
        failure_ = label_ + ": ";
        if (adapter_) failure_ += adapter_->text() + " was unplugged from " + adapter_->path();
        if (adapter_ && attempt.outcome == Outcome::absent) {
            failure_ += " and has not come back within " + seconds(settings_.lost_after) +
                        "; plug it in again, or check the hub";
        } else {
            failure_ += (adapter_ ? "; then: " : "") + attempt.problem;
        }
        throw ConnectionClosedError{failure_};
    }

    // -- the port beside its bytes

    /// Why there is no port.
    std::string unusable() const {
        if (state_ == State::failed) return failure_;
        if (state_ == State::closed) return label_ + ": the console is not open";
        if (!adapter_)
            return label_ + ": " + settings_.adapter.text() + " is not there, as long as the board has no supply";
        return label_ + ": " + adapter_->text() + " is gone from " + adapter_->path() + " since " +
               seconds(Clock::now() - away_since_) + "; plug it in again, or check the hub";
    }

    PortPtr usable_port() const {
        if (!port_) throw InfrastructureError{unusable()};
        return port_;
    }

    template <class... Arguments>
    void control(const PortPtr& port, void (SerialPort::*change)(Arguments...), Arguments... arguments) {
        try {
            (*port.*change)(arguments...);
        } catch (const PortFailure& failure) {
            throw_refused(port, failure);
        }
    }

    [[noreturn]] void throw_refused(const PortPtr& port, const PortFailure& failure) {
        if (failure.error == EIO || failure.error == ENODEV || failure.error == ENXIO) {
            lose(port);
            throw InfrastructureError{unusable()};
        }
        throw InfrastructureError{label_ + ": " + adapter_->text() + ": " + failure.what() + "; " +
                                  failure.next_step(port->path())};
    }

    Task<> end_break(PortPtr port) {
        if (port == port_) control(port, &SerialPort::set_break, false);
        co_return;
    }

    void tell(const std::string& text) const {
        if (context_.tell) context_.tell(label_ + ": " + text);
    }

    SerialSettings settings_;
    std::string label_;
    DriverContext context_;
    State state_ = State::closed;
    PortPtr port_;
    std::optional<SerialAdapter> adapter_;  ///< the one that was open last
    std::string place_;                     ///< its serial_place()
    std::set<std::string> others_;          ///< places of the other ports when it was lost
    int waits_ = 0;                         ///< so far; tells an attempt that a later opening has overtaken
    Clock::time_point away_since_{};
    std::optional<Clock::time_point> refused_since_;  ///< it is there again, and cannot be opened
    std::string failure_;
    std::array<char, read_size> buffer_;
};

}  // namespace

DriverPtr make_serial_console(const DriverRequest& request) {
    return std::make_unique<SerialConsole>(read_serial_settings(request.options), request);
}

}  // namespace patchbay
