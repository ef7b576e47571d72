// SPDX-License-Identifier: Apache-2.0
// Relay boards behind a serial port: "LCUS-n" with a CH340, and cdc-acm boards that speak the same protocol. Four bytes
// switch one relay; the board never answers, so nothing can be read back.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <chrono>
#include <map>
#include <system_error>
#include <thread>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/usb/lcus.hpp"
#include "drivers/usb/relay.hpp"
#include "drivers/usb/usb.hpp"

namespace patchbay {
namespace {

const std::map<int, speed_t> speeds{
    {9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}};

struct Settings : Relay {
    std::string port;  ///< "/dev/ttyS0", of a port that is not on USB and has no place there
    int speed = 9600;
};

Settings read(config::MapReader& options) {
    Settings settings;
    settings.port = options.value_or<std::string>("port", "");
    settings.place = read_usb_identity(options, UsbInterfaceKey::yes);
    settings.speed = options.value_or("speed", 9600);
    settings.channel = options.value_or("channel", 1);
    if (!speeds.contains(settings.speed)) options.problem("speed", "must be 9600, 19200, 38400, 57600 or 115200");
    if (settings.channel < 1 || settings.channel > 32) options.problem("channel", "must be 1 to 32");
    if (settings.port.empty() == settings.place.empty()) {
        options.problem("usb_path",
                        "missing: give usb_path or serial_number of the adapter, or only the port of one "
                        "that is not on USB");
    }
    if (settings.port.find("ttyUSB") != std::string::npos || settings.port.find("ttyACM") != std::string::npos) {
        options.problem("port",
                        "is counted anew at each plugging in, and may be another board then; give usb_path or "
                        "serial_number");
    }
    return settings;
}

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds look_again{50};
/// How long others may hold the port: an order of another device, or ModemManager, which looks at each new port.
constexpr std::chrono::seconds lock_patience{2};
/// Four bytes take 4 ms at 9600 bits a second.
constexpr std::chrono::seconds drain_patience{1};

struct Failure {
    std::string what, file;

    [[noreturn]] void raise(int error) const {
        const std::string next =
            error == EACCES || error == EPERM        ? "give the runner's user the right to it (group dialout)"
            : error == EWOULDBLOCK || error == EBUSY ? "another program holds it: 'fuser -v " + file + "' shows which"
                                                     : "is it still plugged in?";
        throw InfrastructureError{what + ": " + std::generic_category().message(error) + "; " + next};
    }
};

/// Opens the port for one order, and keeps all others out: several devices may have their supplies on one board.
FileDescriptor take(const Failure& failure) {
    const auto end = Steady::now() + lock_patience;
    for (;; std::this_thread::sleep_for(look_again)) {
        FileDescriptor port{::open(failure.file.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
        if (port && ::flock(port.get(), LOCK_EX | LOCK_NB) == 0) return port;
        const int error = errno;
        // EBUSY: opened exclusively (TIOCEXCL).
        if ((error != EWOULDBLOCK && error != EBUSY) || Steady::now() > end) failure.raise(error);
    }
}

/// Not by tcdrain(), which waits for a board that hangs for ever. (Closing the port then takes the kernel 30 s.)
void wait_until_sent(int port, const Failure& failure) {
    const auto end = Steady::now() + drain_patience;
    for (int waiting = 0;; std::this_thread::sleep_for(milliseconds{2})) {
        if (::ioctl(port, TIOCOUTQ, &waiting) != 0) failure.raise(errno);
        if (waiting == 0) return;
        if (Steady::now() > end) {
            ::tcflush(port, TCOFLUSH);
            throw InfrastructureError{failure.what +
                                      ": the adapter has not taken the order for 1 s, so it hangs; "
                                      "unplug it and plug it in again"};
        }
    }
}

void configure(int port, speed_t speed, const Failure& failure) {
    termios line{};
    if (::tcgetattr(port, &line) != 0) failure.raise(errno);
    ::cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~(HUPCL | CSTOPB | CRTSCTS);  // closing must not pull modem lines that a board may listen to
    ::cfsetspeed(&line, speed);
    if (::tcsetattr(port, TCSANOW, &line) != 0) failure.raise(errno);
}

/// Adds to `what` where it is plugged in. Throws: InfrastructureError.
std::string find_port(const Settings& settings, const std::filesystem::path& root, std::string& what) {
    if (!settings.port.empty()) return settings.port;
    const auto ports = usb_nodes("class/tty", root);
    const auto& found = only_usb_node(ports, settings.place, what, settings.channel_text());
    what += " at " + found.device.text();
    return root / "dev" / found.name;
}

void send_order(const Settings& settings, const std::string& label, const std::filesystem::path& root, bool on) {
    auto what = label + ": relay board";
    const auto file = find_port(settings, root, what);
    what += " (" + file + ")" + settings.channel_text();
    const Failure failure{what, file};
    const auto port = take(failure);
    configure(port.get(), speeds.at(settings.speed), failure);
    const auto frame = lcus_frame(static_cast<std::uint8_t>(settings.channel), on);
    const auto count = ::write(port.get(), frame.data(), frame.size());
    if (count < 0) failure.raise(errno);
    if (count != static_cast<ssize_t>(frame.size())) failure.raise(ENOSPC);
    wait_until_sent(port.get(), failure);
}

class SerialRelay final : public Switch {
public:
    SerialRelay(Settings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label}, root_{request.context.root} {}

    std::string name() const override { return settings_.name(settings_.port.empty() ? "" : "at " + settings_.port); }

    Task<> set(bool on) override {
        auto work = [settings = settings_, label = label_, root = root_, on] { send_order(settings, label, root, on); };
        co_await on_hardware_worker(std::move(work));
    }

    Task<std::optional<bool>> read() override { co_return std::nullopt; }

    std::vector<std::filesystem::path> nodes() const override {
        auto what = label_;
        try {
            return {find_port(settings_, root_, what)};
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

SwitchPtr make_serial_relay_switch(const DriverRequest& request) {
    return std::make_unique<SerialRelay>(read(request.options), request);
}

}  // namespace patchbay
