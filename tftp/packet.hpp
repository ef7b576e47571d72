// SPDX-License-Identifier: Apache-2.0
#pragma once
// The datagrams of TFTP (RFC 1350) with options (RFC 2347): bytes to values and back, pure.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::tftp {

enum class ErrorCode : std::uint16_t {
    undefined = 0,
    file_not_found = 1,
    access_violation = 2,
    disk_full = 3,
    illegal_operation = 4,
    unknown_transfer = 5,
    file_exists = 6,
    no_such_user = 7,
    option_refused = 8,
};

/// The largest block of RFC 2348, and its header.
constexpr std::size_t largest_block = 65464;
constexpr std::size_t header_size = 4;
/// RFC 2347 has requests end at 512; some loaders do not count. Paths longer than this are longer than any job's.
constexpr std::size_t longest_request = 1024;

struct Option {
    std::string name;  ///< in lower case
    std::string value;
    bool operator==(const Option&) const = default;
};
using Options = std::vector<Option>;

enum class Direction { read, write };

/// RRQ, WRQ
struct Request {
    Direction direction = Direction::read;
    std::string file;
    std::string mode;  ///< in lower case
    Options options;
    bool operator==(const Request&) const = default;
};
/// DATA; `bytes` are those of the datagram that was parsed.
struct Data {
    std::uint16_t block = 0;
    std::string_view bytes;
    bool operator==(const Data&) const = default;
};
/// ACK
struct Acknowledgement {
    std::uint16_t block = 0;
    bool operator==(const Acknowledgement&) const = default;
};
/// ERROR
struct ErrorMessage {
    ErrorCode code = ErrorCode::undefined;
    std::string text;
    bool operator==(const ErrorMessage&) const = default;
};
/// OACK
struct OptionAcknowledgement {
    Options options;
    bool operator==(const OptionAcknowledgement&) const = default;
};

using Packet = std::variant<Request, Data, Acknowledgement, ErrorMessage, OptionAcknowledgement>;

/// A datagram that is none of TFTP; the text is fit to be sent back.
struct MalformedPacket : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Throws: MalformedPacket.
Packet parse(std::string_view datagram);
/// Do these bytes begin like a request? Whatever else comes to the port of requests gets no answer, so that two servers
/// never talk about each other's errors.
bool looks_like_request(std::string_view datagram);

std::string format(const Packet& packet);

}  // namespace patchbay::tftp
