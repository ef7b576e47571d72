// SPDX-License-Identifier: Apache-2.0
#pragma once
// The frames of a WebSocket as a client sends and reads them (RFC 6455 section 5). Pure.

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace patchbay::cli {

enum class Opcode { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

struct Message {
    Opcode opcode = Opcode::text;  ///< text, binary, close, ping or pong
    std::string payload;
};

/// One whole frame, masked with `mask`, which is to be different each time.
std::string encode_frame(Opcode opcode, std::string_view payload, std::uint32_t mask);

class FrameReader {
public:
    /// No message of our server's has so many bytes.
    static constexpr std::size_t largest = 4 * 1024 * 1024;

    void feed(std::string_view bytes) { bytes_.append(bytes); }
    /// The next whole message; pieces of one are joined. Throws: std::runtime_error, the server does not speak the
    /// protocol.
    std::optional<Message> next();

private:
    struct Frame {
        bool last = false;
        Opcode opcode = Opcode::text;
        std::string payload;
    };
    std::optional<Frame> take_frame();

    std::string bytes_;
    std::optional<Message> begun_;
};

}  // namespace patchbay::cli
