// SPDX-License-Identifier: Apache-2.0
#include "tests/support/fake_ports.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "tests/support/pty_shim.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;

void put(const fs::path& file, const std::string& text) { std::ofstream{file} << text << '\n'; }

void wait_for(int fd, short events) {
    pollfd one{fd, events, 0};
    if (::poll(&one, 1, 20'000) != 1) throw std::runtime_error{"nobody reads or writes the port"};
}

fs::path link_of(const fs::path& root, const FakeAdapter& adapter) {
    std::array<char, 3> interface {};
    std::snprintf(interface.data(), interface.size(), "%02x", static_cast<unsigned>(adapter.interface) & 0xff);
    return root / "dev/serial/by-id" /
           ("usb-" + adapter.manufacturer + "_" + adapter.serial_number + "-if" + interface.data() + "-port0");
}

}  // namespace

void FakePort::say(std::string_view bytes) const {
    while (!bytes.empty()) {
        const auto size = ::write(board(), bytes.data(), bytes.size());
        if (size > 0) bytes.remove_prefix(static_cast<std::size_t>(size));
        if (size < 0 && errno != EAGAIN) throw std::system_error{errno, std::generic_category(), "write to a board"};
        if (size <= 0) wait_for(board(), POLLOUT);
    }
}

std::string FakePort::hear(std::size_t size) const {
    std::string heard;
    std::array<char, 4096> some;
    while (heard.size() < size) {
        const auto got = ::read(board(), some.data(), some.size());
        if (got > 0) heard.append(some.data(), static_cast<std::size_t>(got));
        if (got <= 0) wait_for(board(), POLLIN);
    }
    return heard;
}

FakePorts::FakePorts() {
    for (const auto* folder : {"dev", "pty", "sys/class/tty"}) fs::create_directories(root_ / folder);
    set_pty_root(root_.path);
}

FakePorts::~FakePorts() { set_pty_root(""); }

FakePort FakePorts::add_terminal(const std::string& name, const fs::path& folder) {
    FakePort port;
    port.board_ = FileDescriptor{::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    std::array<char, 64> terminal{};
    if (!port.board_ || ::grantpt(port.board()) != 0 || ::unlockpt(port.board()) != 0 ||
        ::ptsname_r(port.board(), terminal.data(), terminal.size()) != 0)
        throw std::system_error{errno, std::generic_category(), "a pseudo terminal"};
    port.terminal_ = terminal.data();
    set_lines(port.terminal_, 0);
    fs::create_directories(folder);
    fs::create_directory_symlink("../..", folder / "device");
    fs::create_symlink(fs::relative(folder, root_ / "sys/class/tty"), root_ / "sys/class/tty" / name);
    fs::create_symlink(port.terminal_, root_ / "pty" / name);
    put(node(name), "");  // last, as the kernel does
    return port;
}

FakePort FakePorts::plug(const std::string& name, const FakeAdapter& adapter) {
    const auto device = root_ / "sys/devices/pci0000:00/usb1" / adapter.usb_path;
    const auto interface = device / (adapter.usb_path + ":1." + std::to_string(adapter.interface));
    fs::create_directories(interface);
    put(device / "idVendor", adapter.vendor);
    put(device / "idProduct", adapter.product);
    if (!adapter.serial_number.empty()) put(device / "serial", adapter.serial_number);
    put(device / "manufacturer", adapter.manufacturer);
    put(device / "product", adapter.model);
    std::array<char, 3> number{};
    std::snprintf(number.data(), number.size(), "%02x", static_cast<unsigned>(adapter.interface) & 0xff);
    put(interface / "bInterfaceNumber", number.data());
    auto port = add_terminal(name, interface / name / "tty" / name);
    const auto link = link_of(root_.path, adapter);
    fs::create_directories(link.parent_path());
    fs::remove(link);
    fs::create_symlink("../../" + name, link);
    return port;
}

FakePort FakePorts::add_platform_port(const std::string& name) {
    return add_terminal(name, root_ / "sys/devices/platform/serial8250/tty" / name);
}

void FakePorts::unplug(const std::string& name, FakePort& port) {
    fs::remove(node(name));
    const auto entry = root_ / "sys/class/tty" / name;
    fs::remove_all(fs::canonical(entry).parent_path().parent_path());
    fs::remove(entry);
    fs::remove(root_ / "pty" / name);
    port.board_.reset();
}

}  // namespace patchbay::testing
