// SPDX-License-Identifier: Apache-2.0
#pragma once
// Serial ports made of pseudo terminals: nodes, sysfs and links as the kernel and udev make them, in a folder of their
// own, and the board at the other end. Needs tests/support/pty_shim.hpp in the program.

#include <filesystem>
#include <string>

#include "core/process/file_descriptor.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {

/// A USB serial adapter as it describes itself.
struct FakeAdapter {
    std::string usb_path = "1-1.4";
    std::string serial_number = "A50285BI";
    int interface = 0;
    std::string vendor = "0403", product = "6001";
    std::string manufacturer = "FTDI", model = "FT232R USB UART";
};

/// The board's side of one plugged-in port.
class FakePort {
public:
    /// Non-blocking.
    int board() const { return board_.get(); }
    const std::string& terminal() const { return terminal_; }  ///< "/dev/pts/7"

    /// Sends all of it, waiting where the terminal is full. Not from the thread that must read it.
    void say(std::string_view bytes) const;
    /// What was typed so far, at least `size` bytes; waits for them.
    std::string hear(std::size_t size) const;

private:
    friend class FakePorts;
    FileDescriptor board_;
    std::string terminal_;
};

class FakePorts {
public:
    FakePorts();
    ~FakePorts();

    const std::filesystem::path& root() const { return root_.path; }
    std::filesystem::path node(const std::string& name) const { return root_ / "dev" / name; }

    /// The adapter appears as `name` ("ttyUSB0"), with its link in /dev/serial/by-id.
    FakePort plug(const std::string& name, const FakeAdapter& adapter = {});
    /// A port of the machine itself.
    FakePort add_platform_port(const std::string& name);
    /// The adapter goes: hang-up, node and sysfs entry away.
    void unplug(const std::string& name, FakePort& port);

private:
    FakePort add_terminal(const std::string& name, const std::filesystem::path& folder);

    TemporaryFolder root_;
};

}  // namespace patchbay::testing
