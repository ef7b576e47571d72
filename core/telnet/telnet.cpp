// SPDX-License-Identifier: Apache-2.0
#include "core/telnet/telnet.hpp"

namespace patchbay::telnet {
namespace {

constexpr char iac_char = static_cast<char>(iac);

}  // namespace

void Decoder::feed(std::string_view bytes, std::string& data, std::vector<Command>& commands) {
    while (!bytes.empty()) {
        if (state_ == State::data) {
            const auto plain = std::min(bytes.find(iac_char), bytes.size());
            data.append(bytes.substr(0, plain));
            bytes.remove_prefix(plain);
            if (bytes.empty()) return;
        }
        take(static_cast<std::uint8_t>(bytes.front()), data, commands);
        bytes.remove_prefix(1);
    }
}

void Decoder::take(std::uint8_t byte, std::string& data, std::vector<Command>& commands) {
    switch (state_) {
        case State::data:  // only IAC gets here
            state_ = State::command;
            break;
        case State::command:
            take_command(byte, data);
            break;
        case State::option:
            command_.option = byte;
            commands.push_back(command_);
            state_ = State::data;
            break;
        case State::sub_option:
            command_ = {sb, byte, {}};
            state_ = State::sub;
            break;
        case State::sub:
            if (byte == iac) {
                state_ = State::sub_command;
            } else {
                add_payload(byte);
            }
            break;
        case State::sub_command:
            if (byte == iac) {
                add_payload(byte);
                state_ = State::sub;
            } else if (byte == se) {
                commands.push_back(command_);
                state_ = State::data;
            } else {
                take_command(byte, data);  // the subnegotiation never ended: what follows counts
            }
            break;
    }
}

void Decoder::take_command(std::uint8_t byte, std::string& data) {
    state_ = State::data;
    if (byte == iac) {
        data += iac_char;
    } else if (byte == sb) {
        state_ = State::sub_option;
    } else if (byte >= will) {
        command_ = {byte, 0, {}};
        state_ = State::option;
    }
}

void Decoder::add_payload(std::uint8_t byte) {
    if (command_.payload.size() < payload_limit) command_.payload += static_cast<char>(byte);
}

std::string encode(std::string_view data) {
    std::string out;
    out.reserve(data.size());
    for (const char c : data) {
        out += c;
        if (c == iac_char) out += c;
    }
    return out;
}

std::string command(Byte verb, std::uint8_t option) {
    return {iac_char, static_cast<char>(verb), static_cast<char>(option)};
}

std::string subnegotiation(std::uint8_t option, std::string_view payload) {
    return std::string{iac_char, static_cast<char>(sb), static_cast<char>(option)} + encode(payload) +
           std::string{iac_char, static_cast<char>(se)};
}

}  // namespace patchbay::telnet
