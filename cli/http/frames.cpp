// SPDX-License-Identifier: Apache-2.0
#include "cli/http/frames.hpp"

#include <utility>

namespace patchbay::cli {
namespace {

std::uint64_t number(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

void append_number(std::string& out, std::uint64_t value, int bytes) {
    while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes) & 0xFF);
}

bool is_control(Opcode opcode) { return static_cast<int>(opcode) >= 8; }

}  // namespace

std::string encode_frame(Opcode opcode, std::string_view payload, std::uint32_t mask) {
    std::string frame;
    frame += static_cast<char>(0x80 | static_cast<int>(opcode));
    if (payload.size() < 126) {
        frame += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() <= 0xFFFF) {
        frame += static_cast<char>(0x80 | 126);
        append_number(frame, payload.size(), 2);
    } else {
        frame += static_cast<char>(0x80 | 127);
        append_number(frame, payload.size(), 8);
    }
    std::string key;
    append_number(key, mask, 4);
    frame += key;
    for (std::size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ key[i % 4]);
    return frame;
}

std::optional<FrameReader::Frame> FrameReader::take_frame() {
    if (bytes_.size() < 2) return std::nullopt;
    const auto first = static_cast<unsigned char>(bytes_[0]), second = static_cast<unsigned char>(bytes_[1]);
    if ((first & 0x70) != 0 || (second & 0x80) != 0) throw std::runtime_error{"a frame that no server sends"};
    const std::size_t wide = (second & 0x7F) == 126 ? 2 : (second & 0x7F) == 127 ? 8 : 0;
    if (bytes_.size() < 2 + wide) return std::nullopt;
    const auto size = wide > 0 ? number(std::string_view{bytes_}.substr(2, wide)) : second & 0x7FU;
    if (size > largest) throw std::runtime_error{"a message of " + std::to_string(size) + " bytes"};
    if (bytes_.size() < 2 + wide + size) return std::nullopt;
    Frame frame{(first & 0x80) != 0, static_cast<Opcode>(first & 0x0F), bytes_.substr(2 + wide, size)};
    bytes_.erase(0, 2 + wide + size);
    return frame;
}

std::optional<Message> FrameReader::next() {
    while (auto frame = take_frame()) {
        if (is_control(frame->opcode)) return Message{frame->opcode, std::move(frame->payload)};
        if (frame->opcode != Opcode::continuation) begun_ = Message{frame->opcode, {}};
        if (!begun_) throw std::runtime_error{"the rest of a message that has not begun"};
        begun_->payload += frame->payload;
        if (begun_->payload.size() > largest) throw std::runtime_error{"a message without end"};
        if (frame->last) return std::exchange(begun_, std::nullopt);
    }
    return std::nullopt;
}

}  // namespace patchbay::cli
