// SPDX-License-Identifier: Apache-2.0
#pragma once
// One open serial port. libserialport configures it; its descriptor lives in our event loop, because the library never
// says that an adapter is gone: its reads then look like a silent board, its waits return at once.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/process/file_descriptor.hpp"
#include "devices/capability/serial_control.hpp"
#include "drivers/line_settings.hpp"
#include "drivers/serial/terminal.hpp"

struct sp_port;

namespace patchbay {

/// What the port or the library refused: "cannot open /dev/ttyUSB0: Permission denied". Whoever knows the device and
/// the adapter makes an InfrastructureError of it.
struct PortFailure : std::runtime_error {
    PortFailure(const std::string& what, int code) : std::runtime_error{what}, error{code} {}
    int error;  ///< an errno; 0: none

    /// What to do about it, for the end of a message.
    std::string next_step(const std::string& path) const;
};

enum class Sharing { shared, exclusive };

/// Opening, configuring and closing ask the adapter, which may take each of them seconds: for a worker, while no other
/// thread uses the port.
class SerialPort {
public:
    /// Locks and opens it, without settings. One that is another's stays as it is. Throws: PortFailure (all functions
    /// here do).
    SerialPort(std::string path, Sharing sharing);
    ~SerialPort() { close(); }
    SerialPort(const SerialPort&) = delete;
    SerialPort& operator=(const SerialPort&) = delete;

    /// Its bytes go through this event loop from now on.
    void attach(asio::any_io_executor executor);
    /// Ends that: pending reads and writes are cancelled. On the loop's thread.
    void detach();
    /// Gives the descriptor back: what was not sent yet is dropped. Detaches it, when that was not done.
    void close();

    const std::string& path() const { return path_; }
    /// When attached.
    asio::posix::stream_descriptor& stream() { return *stream_; }

    void configure(const LineSettings& line);
    /// Drops what has come in and what was not sent.
    void flush();

    void set_speed(int speed);
    void set_dtr(bool asserted);
    void set_rts(bool asserted);
    void set_break(bool asserted);
    ModemLines modem_lines() const;
    /// Bytes that were written, and not sent yet.
    bool is_sending() const;

private:
    /// Throws when `result` is an error of libserialport.
    void check(int result, const std::string& what) const;
    /// After each change by the library: settle_terminal(). Throws when the speed is not what was asked for.
    void settle(std::optional<int> speed);
    void lock();

    std::string path_;
    FileDescriptor lock_;  ///< a descriptor of its own: libserialport changes what it opens; none when shared
    sp_port* port_ = nullptr;
    int fd_ = -1;
    Handshake handshake_ = Handshake::none;
    std::optional<asio::posix::stream_descriptor> stream_;
};

}  // namespace patchbay
