// SPDX-License-Identifier: Apache-2.0
#pragma once
// Telnet's framing (RFC 854, 855), pure: bytes to data, commands and subnegotiations, and back.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::telnet {

enum Byte : std::uint8_t { se = 240, sb = 250, will = 251, wont = 252, do_ = 253, dont = 254, iac = 255 };

/// WILL, WONT, DO or DONT of an option; or, when `verb` is SB, what a subnegotiation of it says.
struct Command {
    std::uint8_t verb = 0;
    std::uint8_t option = 0;
    std::string payload;
    bool operator==(const Command&) const = default;
};

class Decoder {
public:
    /// Appends what `bytes` hold, however they are cut. Commands without an option (NOP, GA, …) are dropped, and so is
    /// what a subnegotiation has beyond `payload_limit` bytes.
    void feed(std::string_view bytes, std::string& data, std::vector<Command>& commands);

    static constexpr std::size_t payload_limit = 1024;

private:
    enum class State { data, command, option, sub_option, sub, sub_command };
    void take(std::uint8_t byte, std::string& data, std::vector<Command>& commands);
    void take_command(std::uint8_t byte, std::string& data);
    void add_payload(std::uint8_t byte);

    State state_ = State::data;
    Command command_;
};

/// Data as it is sent: IAC doubled.
std::string encode(std::string_view data);
std::string command(Byte verb, std::uint8_t option);
std::string subnegotiation(std::uint8_t option, std::string_view payload);

}  // namespace patchbay::telnet
