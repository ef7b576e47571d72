// SPDX-License-Identifier: Apache-2.0
#pragma once
// The client's side of RFC 2217, pure: what a server says becomes data, answers and states; what we want becomes bytes.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/telnet/negotiation.hpp"
#include "core/telnet/telnet.hpp"
#include "devices/capability/serial_control.hpp"
#include "drivers/line_settings.hpp"

namespace patchbay {

/// A server answers each with its number + 100.
enum class ComPortCommand : std::uint8_t {
    set_speed = 1,
    set_data_bits = 2,
    set_parity = 3,
    set_stop_bits = 4,
    set_control = 5,
    set_modem_mask = 11
};

/// The values of set_control that are used here.
enum class ComPortControl : std::uint8_t {
    no_flow_control = 1,
    xonxoff = 2,
    rtscts = 3,
    break_on = 5,
    break_off = 6,
    dtr_on = 8,
    dtr_off = 9,
    rts_on = 11,
    rts_off = 12
};

/// One thing to ask of the server.
struct ComPortRequest {
    ComPortCommand command;
    std::string value;  ///< as it travels, without doubled bytes
    std::string text;   ///< for messages: "speed 115200"
    /// false: that there is an answer is enough. ser2net 4.3 says of a break that it has ended that it lasts.
    bool is_answered_by_value = true;
};
ComPortRequest speed_request(int speed);
ComPortRequest control_request(ComPortControl control, std::string text);
/// What these settings ask for, in the order in which it is sent; nothing for what they leave to the server.
std::vector<ComPortRequest> requests_of(const LineSettings& line);

class ComPortClient {
public:
    enum class Support { unknown, agreed, refused };

    /// The options that we want; the first bytes of a connection.
    std::string hello() { return options_.hello(); }

    /// Takes what arrived: appends the board's bytes to `data` and what must be answered at once to `reply`.
    void feed(std::string_view bytes, std::string& data, std::string& reply);

    /// Does the server do COM-PORT at all?
    Support support() const { return support_; }

    /// The bytes that ask; an earlier answer to the same command is forgotten.
    std::string ask(const ComPortRequest& request);
    /// What the server made of it; nullopt: no answer yet.
    std::optional<std::string> answer_to(const ComPortRequest& request) const;

    /// nullopt: the server has not told any.
    std::optional<ModemLines> modem_lines() const { return modem_lines_; }
    /// The server wants nothing to be sent for now.
    bool is_suspended() const { return suspended_; }

private:
    void take(const telnet::Command& command);

    telnet::Decoder decoder_;
    std::vector<telnet::Command> commands_;
    // ECHO is the server's to offer: the board echoes, not we.
    telnet::Negotiation options_{{telnet::com_port, telnet::binary, telnet::suppress_go_ahead},
                                 {telnet::binary, telnet::suppress_go_ahead},
                                 {telnet::echo}};
    Support support_ = Support::unknown;
    std::map<std::uint8_t, std::string> answers_;
    std::optional<ModemLines> modem_lines_;
    bool suspended_ = false;
};

}  // namespace patchbay
