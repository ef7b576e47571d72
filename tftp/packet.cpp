// SPDX-License-Identifier: Apache-2.0
#include "tftp/packet.hpp"

#include "core/text.hpp"

namespace patchbay::tftp {
namespace {

enum Opcode : std::uint16_t { read = 1, write = 2, data = 3, acknowledgement = 4, error = 5, options = 6 };

// More than there are options; each takes time to look at.
constexpr std::size_t most_options = 16;
// Far more than any client says.
constexpr std::size_t longest_error = 512;

std::uint16_t number(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                                      static_cast<unsigned char>(bytes[at + 1]));
}

std::string two_bytes(unsigned value) {
    return {static_cast<char>(value >> 8 & 0xff), static_cast<char>(value & 0xff)};
}

/// Takes one text with its NUL from the front.
std::string take_text(std::string_view& rest, const char* what) {
    const auto end = rest.find('\0');
    if (end == rest.npos) throw MalformedPacket{std::string{"the "} + what + " has no end"};
    std::string text{rest.substr(0, end)};
    rest.remove_prefix(end + 1);
    return text;
}

Options take_options(std::string_view rest) {
    Options all;
    // Some boot ROMs fill their request up with zeros.
    while (rest.find_first_not_of('\0') != rest.npos) {
        if (all.size() == most_options) throw MalformedPacket{"there are more than 16 options"};
        Option option;
        option.name = lower_case(take_text(rest, "name of an option"));
        if (option.name.empty()) throw MalformedPacket{"an option has no name"};
        option.value = take_text(rest, "value of an option");
        for (const auto& other : all) {
            if (other.name == option.name) throw MalformedPacket{"an option is there twice"};
        }
        all.push_back(std::move(option));
    }
    return all;
}

Request parse_request(Direction direction, std::string_view rest) {
    if (rest.size() + 2 > longest_request) throw MalformedPacket{"the request is longer than 1024 bytes"};
    Request request;
    request.direction = direction;
    request.file = take_text(rest, "name of the file");
    if (request.file.empty()) throw MalformedPacket{"the request names no file"};
    request.mode = lower_case(take_text(rest, "mode"));
    request.options = take_options(rest);
    return request;
}

ErrorMessage parse_error(std::string_view datagram) {
    if (datagram.size() < header_size) throw MalformedPacket{"the error is cut off"};
    // Not every client ends the text with a zero.
    const auto text = datagram.substr(header_size, longest_error);
    return {static_cast<ErrorCode>(number(datagram, 2)), std::string{text.substr(0, text.find('\0'))}};
}

std::string text(const Options& all) {
    std::string bytes;
    for (const auto& option : all) (bytes += option.name + '\0') += option.value + '\0';
    return bytes;
}

struct Formatter {
    std::string operator()(const Request& request) const {
        return two_bytes(request.direction == Direction::read ? read : write) + request.file + '\0' + request.mode +
               '\0' + text(request.options);
    }
    std::string operator()(const Data& packet) const {
        return two_bytes(data) + two_bytes(packet.block) + std::string{packet.bytes};
    }
    std::string operator()(const Acknowledgement& packet) const {
        return two_bytes(acknowledgement) + two_bytes(packet.block);
    }
    std::string operator()(const ErrorMessage& packet) const {
        return two_bytes(error) + two_bytes(static_cast<unsigned>(packet.code)) + packet.text + '\0';
    }
    std::string operator()(const OptionAcknowledgement& packet) const {
        return two_bytes(options) + text(packet.options);
    }
};

}  // namespace

bool looks_like_request(std::string_view datagram) {
    return datagram.size() > 2 && (number(datagram, 0) == read || number(datagram, 0) == write);
}

Packet parse(std::string_view datagram) {
    if (datagram.size() < 2) throw MalformedPacket{"the datagram is no packet of TFTP"};
    const auto rest = datagram.substr(2);
    switch (number(datagram, 0)) {
        case read:
            return parse_request(Direction::read, rest);
        case write:
            return parse_request(Direction::write, rest);
        case data:
            if (datagram.size() < header_size || datagram.size() > header_size + largest_block)
                throw MalformedPacket{"the block of data has a wrong length"};
            return Data{number(datagram, 2), datagram.substr(header_size)};
        case acknowledgement:
            if (datagram.size() < header_size) throw MalformedPacket{"the acknowledgement is cut off"};
            return Acknowledgement{number(datagram, 2)};
        case error:
            return parse_error(datagram);
        case options:
            if (datagram.size() > longest_request) throw MalformedPacket{"the options are longer than 1024 bytes"};
            return OptionAcknowledgement{take_options(rest)};
        default:
            throw MalformedPacket{"the datagram is no packet of TFTP"};
    }
}

std::string format(const Packet& packet) { return std::visit(Formatter{}, packet); }

}  // namespace patchbay::tftp
