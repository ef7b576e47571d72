// SPDX-License-Identifier: Apache-2.0
#include "core/telnet/com_port_server.hpp"

#include <utility>

namespace patchbay {
namespace {

// Commands of a client (RFC 2217 section 3); each is answered with its number + 100.
enum Code : std::uint8_t {
    signature = 0,
    set_speed_code = 1,
    set_data_bits = 2,
    set_parity = 3,
    set_stop_bits = 4,
    set_control = 5,
    suspend = 8,
    resume = 9,
    set_line_mask = 10,
    set_modem_mask = 11,
    purge = 12
};
constexpr std::uint8_t answers_from = 100;

// Values of set_control. The queries are answered with the state that they ask for.
enum Control : std::uint8_t {
    ask_flow = 0,
    no_flow = 1,
    hardware_flow = 3,
    ask_break = 4,
    break_on = 5,
    break_off = 6,
    ask_dtr = 7,
    dtr_on = 8,
    dtr_off = 9,
    ask_rts = 10,
    rts_on = 11,
    rts_off = 12
};

std::string byte(int value) { return std::string(1, static_cast<char>(value)); }

}  // namespace

void ComPortServer::feed(std::string_view bytes, std::string& keys, std::vector<ComPortWish>& wishes,
                         std::string& reply) {
    // Byte by byte: what an option changes counts for the keys behind it.
    for (; !bytes.empty(); bytes.remove_prefix(1)) {
        data_.clear();
        commands_.clear();
        decoder_.feed(bytes.substr(0, 1), data_, commands_);
        add_keys(data_, keys);
        for (const auto& command : commands_) {
            if (command.verb != telnet::sb) {
                options_.hear(command, reply);
            } else if (command.option == telnet::com_port && !command.payload.empty()) {
                take(command.payload, wishes, reply);
            }
        }
    }
}

/// Without BINARY a client's return is CR NUL or CR LF (RFC 854); the board gets the CR.
void ComPortServer::add_keys(std::string_view data, std::string& keys) {
    if (options_.they_do(telnet::binary)) {
        keys += data;
        return;
    }
    for (const char c : data) {
        const bool ends_return = std::exchange(after_return_, c == '\r') && (c == '\0' || c == '\n');
        if (!ends_return) keys += c;
    }
}

void ComPortServer::take(std::string_view payload, std::vector<ComPortWish>& wishes, std::string& reply) {
    const auto code = static_cast<std::uint8_t>(payload.front());
    const auto value = payload.substr(1);
    std::string answer;
    switch (code) {
        case signature:
            if (!value.empty()) return;  // its own name; nothing is to be said to it
            answer = "Patchbay";
            break;
        case set_speed_code:
            answer = set_speed(value, wishes);
            break;
        case set_data_bits:
            answer = byte(8);
            break;
        case set_parity:
        case set_stop_bits:
            answer = byte(1);
            break;
        case set_control:
            if (value.empty()) return;
            answer = byte(control(static_cast<std::uint8_t>(value.front()), wishes));
            break;
        case suspend:
        case resume:
            suspended_ = code == suspend;
            return;  // no answer is defined
        case set_line_mask:
        case set_modem_mask:
        case purge:
            answer = value.substr(0, 1);
            break;
        default:
            return;
    }
    reply += telnet::subnegotiation(telnet::com_port, byte(code + answers_from) + answer);
}

std::string ComPortServer::set_speed(std::string_view value, std::vector<ComPortWish>& wishes) {
    std::uint32_t wanted = 0;
    for (const char c : value.substr(0, 4)) wanted = wanted << 8 | static_cast<unsigned char>(c);
    if (wanted > 0 && wanted <= 12'000'000 && static_cast<int>(wanted) != speed_) {
        speed_ = static_cast<int>(wanted);
        wishes.push_back({ComPortWish::Kind::speed, *speed_});
    }
    const auto now = static_cast<std::uint32_t>(speed_.value_or(usual_speed));
    return byte(static_cast<int>(now >> 24)) + byte(static_cast<int>(now >> 16 & 0xFF)) +
           byte(static_cast<int>(now >> 8 & 0xFF)) + byte(static_cast<int>(now & 0xFF));
}

std::uint8_t ComPortServer::control(std::uint8_t wanted, std::vector<ComPortWish>& wishes) {
    using Kind = ComPortWish::Kind;
    if (wanted <= hardware_flow) return no_flow;
    if (wanted == ask_break) return breaks_ ? break_on : break_off;
    if (wanted == break_on || wanted == break_off) {
        // A break has a length of its own here: what ends it is only heard.
        if (wanted == break_on && !breaks_) wishes.push_back({Kind::send_break, 0});
        breaks_ = wanted == break_on;
        return wanted;
    }
    if (wanted == ask_dtr) return dtr_.value_or(true) ? dtr_on : dtr_off;
    if (wanted == ask_rts) return rts_.value_or(true) ? rts_on : rts_off;
    const bool about_dtr = wanted == dtr_on || wanted == dtr_off;
    if (!about_dtr && wanted != rts_on && wanted != rts_off) return wanted;
    const bool on = wanted == dtr_on || wanted == rts_on;
    auto& line = about_dtr ? dtr_ : rts_;
    if (std::exchange(line, on) != on) wishes.push_back({about_dtr ? Kind::dtr : Kind::rts, on ? 1 : 0});
    return wanted;
}

}  // namespace patchbay
