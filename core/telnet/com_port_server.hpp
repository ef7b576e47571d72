// SPDX-License-Identifier: Apache-2.0
#pragma once
// The server's side of RFC 2217, pure: what a client sends becomes keys for the board and wishes about its port, and
// what must be answered at once. The port has 8 data bits, no parity, one stop bit and no flow control, whatever is
// asked for.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/telnet/negotiation.hpp"
#include "core/telnet/telnet.hpp"

namespace patchbay {

/// What a client wants of the port.
struct ComPortWish {
    enum class Kind { speed, send_break, dtr, rts };
    Kind kind = Kind::speed;
    int value = 0;  ///< bits a second; 1 and 0 of a modem line
    bool operator==(const ComPortWish&) const = default;
};

class ComPortServer {
public:
    /// What is said of a port whose speed nobody has set by this connection.
    static constexpr int usual_speed = 115'200;

    /// The options that we offer and want; the first bytes of a connection.
    std::string hello() { return options_.hello(); }

    /// Takes what arrived: appends what is typed to `keys`, what is wanted to `wishes`, what to send back to `reply`.
    void feed(std::string_view bytes, std::string& keys, std::vector<ComPortWish>& wishes, std::string& reply);

    /// What the board printed, as it is sent.
    std::string encode(std::string_view bytes) const { return telnet::encode(bytes); }

    /// The client wants nothing to be sent for now.
    bool is_suspended() const { return suspended_; }

private:
    void take(std::string_view payload, std::vector<ComPortWish>& wishes, std::string& reply);
    std::string set_speed(std::string_view value, std::vector<ComPortWish>& wishes);
    std::uint8_t control(std::uint8_t wanted, std::vector<ComPortWish>& wishes);
    void add_keys(std::string_view data, std::string& keys);

    telnet::Decoder decoder_;
    std::string data_;                       // of one step of feed()
    std::vector<telnet::Command> commands_;  // likewise
    telnet::Negotiation options_{{telnet::echo, telnet::suppress_go_ahead, telnet::binary},
                                 {telnet::suppress_go_ahead, telnet::binary},
                                 {telnet::com_port}};
    // Unknown until this client sets them: an earlier one may have left the port otherwise.
    std::optional<int> speed_;
    std::optional<bool> dtr_, rts_;
    bool breaks_ = false;
    bool suspended_ = false;
    bool after_return_ = false;
};

}  // namespace patchbay
