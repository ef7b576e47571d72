// SPDX-License-Identifier: Apache-2.0
// Relay boards behind a serial port: "LCUS-n" with a CH340, and cdc-acm boards that speak the same protocol. Four bytes
// switch one relay; the board never answers, so nothing can be read back.

#include <fcntl.h>
#include <sys/file.h>
#include <termios.h>

#include <cerrno>
#include <map>
#include <system_error>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/usb/identity.hpp"
#include "drivers/usb/lcus.hpp"
#include "drivers/usb/usb.hpp"

namespace patchbay {
namespace {

const std::map<int, speed_t> speeds{
    {9600, B9600}, {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}};

struct Settings {
    std::string port;   ///< of a port that is not on USB: "/dev/ttyS0"
    UsbIdentity place;  ///< else
    int speed = 9600;
    int channel = 1;
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

[[noreturn]] void throw_failed(const std::string& what, int error) {
    const std::string next = error == EACCES || error == EPERM
                                 ? "give the runner's user the right to it (group dialout)"
                             : error == EWOULDBLOCK ? "another program holds it"
                                                    : "is it still plugged in?";
    throw InfrastructureError{what + ": " + std::generic_category().message(error) + "; " + next};
}

/// Takes the port for one order: several devices may have their supplies on one board.
void wait_for_lock(int port, const std::string& what) {
    for (int attempt = 0; ::flock(port, LOCK_EX | LOCK_NB) != 0; ++attempt) {
        if (errno != EWOULDBLOCK || attempt == 40) throw_failed(what, errno);
        ::usleep(50'000);
    }
}

void configure(int port, speed_t speed, const std::string& what) {
    termios line{};
    if (::tcgetattr(port, &line) != 0) throw_failed(what, errno);
    ::cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~(HUPCL | CSTOPB | CRTSCTS);  // closing must not pull modem lines that a board may listen to
    ::cfsetspeed(&line, speed);
    if (::tcsetattr(port, TCSANOW, &line) != 0) throw_failed(what, errno);
}

void send_order(const Settings& settings, const std::string& label, const std::filesystem::path& root, bool on) {
    auto what = label + ": relay board";
    auto file = settings.port;
    if (file.empty()) {
        const auto ports = usb_nodes("class/tty", root);
        const auto& found = only_usb_node(ports, settings.place, what);
        file = root / "dev" / found.name;
        what += " at " + found.device.text();
    }
    what += " (" + file + "), channel " + std::to_string(settings.channel);
    const FileDescriptor port{::open(file.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (!port) throw_failed(what, errno);
    wait_for_lock(port.get(), what);
    configure(port.get(), speeds.at(settings.speed), what);
    const auto frame = lcus_frame(static_cast<std::uint8_t>(settings.channel), on);
    const auto count = ::write(port.get(), frame.data(), frame.size());
    if (count < 0) throw_failed(what, errno);
    if (count != static_cast<ssize_t>(frame.size())) throw_failed(what, ENOSPC);
    if (::tcdrain(port.get()) != 0) throw_failed(what, errno);
}

class SerialRelay final : public Switch {
public:
    SerialRelay(Settings settings, const DriverRequest& request)
        : settings_{std::move(settings)}, label_{request.label}, root_{request.context.root} {}

    Task<> set(bool on) override {
        auto work = [settings = settings_, label = label_, root = root_, on] { send_order(settings, label, root, on); };
        co_await on_hardware_worker(std::move(work));
    }

    Task<std::optional<bool>> read() override { co_return std::nullopt; }

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
