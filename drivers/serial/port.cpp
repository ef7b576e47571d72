// SPDX-License-Identifier: Apache-2.0
#include "drivers/serial/port.hpp"

#include <fcntl.h>
#include <libserialport.h>
#include <sys/file.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>

namespace patchbay {
namespace {

/// Adapters divide a clock: 3 % is what a UART's ten bits bear.
constexpr double speed_tolerance = 0.03;

using Config = std::unique_ptr<sp_port_config, decltype(&sp_free_config)>;

std::string reason(int result, int error) {
    if (result == SP_ERR_FAIL) return std::strerror(error);
    if (result == SP_ERR_SUPP) return "the adapter or its kernel driver does not support it";
    if (result == SP_ERR_MEM) return std::strerror(ENOMEM);
    return "there is no such serial port";
}

sp_flowcontrol library_word(FlowControl flow) {
    switch (flow) {
        case FlowControl::rtscts:
            return SP_FLOWCONTROL_RTSCTS;
        case FlowControl::xonxoff:
            return SP_FLOWCONTROL_XONXOFF;
        case FlowControl::none:
            break;
    }
    return SP_FLOWCONTROL_NONE;
}

sp_parity library_word(Parity parity) {
    static constexpr std::array all{SP_PARITY_NONE, SP_PARITY_ODD, SP_PARITY_EVEN, SP_PARITY_MARK, SP_PARITY_SPACE};
    return all[static_cast<std::size_t>(parity)];
}

}  // namespace

std::string PortFailure::next_step(const std::string& path) const {
    if (error == EACCES || error == EPERM)
        return "give its user the right to use it: 'ls -l " + path + "' shows the group, most often dialout";
    if (error == EBUSY || error == EWOULDBLOCK) return "'fuser -v " + path + "' shows which program uses it";
    return "plug it out and in again, and look what 'dmesg' says";
}

SerialPort::SerialPort(std::string path, Sharing sharing) : path_{std::move(path)} {
    try {
        check(sp_get_port_by_name(path_.c_str(), &port_), "open");
        if (sharing == Sharing::exclusive) lock();
        check(sp_open(port_, SP_MODE_READ_WRITE), "open");
        check(sp_get_port_handle(port_, &fd_), "open");
        ::fcntl(fd_, F_SETFD, FD_CLOEXEC);
        if (lock_) own_terminal(fd_);
        settle(std::nullopt);
    } catch (...) {
        close();
        throw;
    }
}

void SerialPort::attach(asio::any_io_executor executor) { stream_.emplace(executor, fd_); }

void SerialPort::detach() {
    if (stream_ && stream_->is_open()) stream_->release();
}

void SerialPort::close() {
    detach();
    if (fd_ >= 0) {
        // Closing waits up to 30 s for bytes that a board, by its flow control, does not take: they may leave now. (USB
        // adapters' drivers have no way to drop them.)
        if (handshake_ != Handshake::none) settle_terminal(fd_, Handshake::none);
        sp_flush(port_, SP_BUF_OUTPUT);
        if (lock_) share_terminal(fd_);
        sp_close(port_);
    }
    lock_.reset();
    sp_free_port(port_);
    port_ = nullptr;
    fd_ = -1;
}

void SerialPort::check(int result, const std::string& what) const {
    if (result >= 0) return;
    const int error = result == SP_ERR_FAIL ? sp_last_error_code() : 0;
    throw PortFailure{"cannot " + what + " " + path_ + ": " + reason(result, error), error};
}

/// Before libserialport has it: opening it there changes the settings, also those of another's console. The lock keeps
/// out those who ask for it: screen, picocom, tio, and a second one of us; TIOCEXCL, later, all but root.
void SerialPort::lock() {
    FileDescriptor own{::open(path_.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (!own) {
        const int error = errno;
        throw PortFailure{"cannot open " + path_ + ": " + std::strerror(error), error};
    }
    if (::flock(own.get(), LOCK_EX | LOCK_NB) != 0) {
        const int error = errno;
        throw PortFailure{"cannot open " + path_ + ": another program uses it", error};
    }
    lock_ = std::move(own);
}

void SerialPort::configure(const LineSettings& line) {
    sp_port_config* made = nullptr;
    check(sp_new_config(&made), "configure");
    const Config config{made, &sp_free_config};
    if (line.speed) sp_set_config_baudrate(made, *line.speed);
    if (line.data_bits) sp_set_config_bits(made, *line.data_bits);
    if (line.parity) sp_set_config_parity(made, library_word(*line.parity));
    if (line.stop_bits) sp_set_config_stopbits(made, *line.stop_bits);
    if (line.flow_control) sp_set_config_flowcontrol(made, library_word(*line.flow_control));
    if (line.dtr) sp_set_config_dtr(made, *line.dtr ? SP_DTR_ON : SP_DTR_OFF);
    if (line.rts) sp_set_config_rts(made, *line.rts ? SP_RTS_ON : SP_RTS_OFF);
    check(sp_set_config(port_, made), "configure");
    if (line.flow_control) handshake_ = *line.flow_control == FlowControl::rtscts ? Handshake::rtscts : Handshake::none;
    settle(line.speed);
}

void SerialPort::settle(std::optional<int> speed) {
    const int actual = settle_terminal(fd_, handshake_);
    if (actual < 0) {
        const int error = errno;
        throw PortFailure{"cannot configure " + path_ + ": " + std::strerror(error), error};
    }
    if (speed && std::abs(actual - *speed) > *speed * speed_tolerance)
        throw PortFailure{"cannot set " + path_ + " to " + std::to_string(*speed) + " bits a second: the adapter set " +
                              std::to_string(actual),
                          0};
}

void SerialPort::flush() { check(sp_flush(port_, SP_BUF_BOTH), "flush"); }

void SerialPort::set_speed(int speed) {
    check(sp_set_baudrate(port_, speed), "set the speed of");
    settle(speed);
}

void SerialPort::set_dtr(bool asserted) {
    check(sp_set_dtr(port_, asserted ? SP_DTR_ON : SP_DTR_OFF), "set DTR of");
    settle(std::nullopt);
}

void SerialPort::set_rts(bool asserted) {
    check(sp_set_rts(port_, asserted ? SP_RTS_ON : SP_RTS_OFF), "set RTS of");
    settle(std::nullopt);
}

void SerialPort::set_break(bool asserted) {
    check(asserted ? sp_start_break(port_) : sp_end_break(port_), "send a break on");
}

ModemLines SerialPort::modem_lines() const {
    sp_signal signals{};
    check(sp_get_signals(port_, &signals), "read the modem lines of");
    return {(signals & SP_SIG_CTS) != 0, (signals & SP_SIG_DSR) != 0, (signals & SP_SIG_DCD) != 0,
            (signals & SP_SIG_RI) != 0};
}

bool SerialPort::is_sending() const { return sp_output_waiting(port_) > 0; }

}  // namespace patchbay
