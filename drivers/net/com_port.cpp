// SPDX-License-Identifier: Apache-2.0
#include "drivers/net/com_port.hpp"

namespace patchbay {
namespace {

// What a server sends beside answers.
constexpr std::uint8_t notify_modem_state = 107, suspend = 108, resume = 109;
constexpr std::uint8_t first_answer = 101, last_answer = 112;

std::string byte(int value) { return std::string(1, static_cast<char>(value)); }

std::string big_endian(std::uint32_t value) {
    return byte(static_cast<int>(value >> 24)) + byte(static_cast<int>(value >> 16 & 0xff)) +
           byte(static_cast<int>(value >> 8 & 0xff)) + byte(static_cast<int>(value & 0xff));
}

ComPortControl control_of(FlowControl flow) {
    if (flow == FlowControl::rtscts) return ComPortControl::rtscts;
    return flow == FlowControl::xonxoff ? ComPortControl::xonxoff : ComPortControl::no_flow_control;
}

}  // namespace

ComPortRequest speed_request(int speed) {
    return {ComPortCommand::set_speed, big_endian(static_cast<std::uint32_t>(speed)), "speed " + std::to_string(speed)};
}

ComPortRequest control_request(ComPortControl control, std::string text) {
    return {ComPortCommand::set_control, byte(static_cast<int>(control)), std::move(text),
            control != ComPortControl::break_off};
}

std::vector<ComPortRequest> requests_of(const LineSettings& line) {
    std::vector<ComPortRequest> all;
    if (line.speed) all.push_back(speed_request(*line.speed));
    if (line.data_bits)
        all.push_back(
            {ComPortCommand::set_data_bits, byte(*line.data_bits), "data_bits " + std::to_string(*line.data_bits)});
    if (line.parity)  // the RFC counts from 1, in the order of ours
        all.push_back({ComPortCommand::set_parity, byte(static_cast<int>(*line.parity) + 1), "parity"});
    if (line.stop_bits)
        all.push_back(
            {ComPortCommand::set_stop_bits, byte(*line.stop_bits), "stop_bits " + std::to_string(*line.stop_bits)});
    if (line.flow_control) all.push_back(control_request(control_of(*line.flow_control), "flow_control"));
    if (line.dtr) all.push_back(control_request(*line.dtr ? ComPortControl::dtr_on : ComPortControl::dtr_off, "dtr"));
    if (line.rts) all.push_back(control_request(*line.rts ? ComPortControl::rts_on : ComPortControl::rts_off, "rts"));
    return all;
}

void ComPortClient::feed(std::string_view bytes, std::string& data, std::string& reply) {
    commands_.clear();
    decoder_.feed(bytes, data, commands_);
    for (const auto& command : commands_) {
        if (command.verb == telnet::sb) {
            take(command);
            continue;
        }
        options_.hear(command, reply);
        if (command.option != telnet::com_port) continue;
        if (command.verb == telnet::do_) support_ = Support::agreed;
        if (command.verb == telnet::dont) support_ = Support::refused;
    }
}

void ComPortClient::take(const telnet::Command& command) {
    if (command.option != telnet::com_port || command.payload.empty()) return;
    const auto code = static_cast<std::uint8_t>(command.payload.front());
    const auto value = command.payload.substr(1);
    if (code == suspend || code == resume) {
        suspended_ = code == suspend;
    } else if (code == notify_modem_state && !value.empty()) {
        const auto bits = static_cast<std::uint8_t>(value.front());
        modem_lines_ = ModemLines{(bits & 0x10) != 0, (bits & 0x20) != 0, (bits & 0x80) != 0, (bits & 0x40) != 0};
    } else if (code >= first_answer && code <= last_answer) {
        answers_[static_cast<std::uint8_t>(code - 100)] = value;
    }
}

std::string ComPortClient::ask(const ComPortRequest& request) {
    const auto code = static_cast<std::uint8_t>(request.command);
    answers_.erase(code);
    return telnet::subnegotiation(telnet::com_port, byte(code) + request.value);
}

std::optional<std::string> ComPortClient::answer_to(const ComPortRequest& request) const {
    const auto found = answers_.find(static_cast<std::uint8_t>(request.command));
    if (found == answers_.end()) return std::nullopt;
    return found->second;
}

}  // namespace patchbay
