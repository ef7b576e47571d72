// SPDX-License-Identifier: Apache-2.0
#pragma once
// XML-RPC as Python's xmlrpc.client writes and reads it, with <nil/>. Pure: text in, values out, and back.
// config::Value has every type there is: dateTime.iso8601 is a Timestamp, base64 a Binary.

#include <optional>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/config/value.hpp"
#include "daemon/xmlrpc/fault.hpp"

namespace patchbay {

/// What one call may cost. A job definition is one value.
struct XmlRpcLimits {
    std::size_t bytes = 32 * 1024 * 1024;
    std::size_t depth = 64;  ///< of elements inside each other
    std::size_t elements = 50'000;
    std::size_t members = 256;  ///< of one struct
};

struct MethodCall {
    std::string method;
    config::List arguments;
};

/// Throws: Fault; a document type, so every entity of a client's own, is refused.
MethodCall read_call(std::string_view xml, const XmlRpcLimits& limits = {});

/// Byte by byte what xmlrpc.client.dumps makes. Characters that XML cannot hold become '?'.
/// Throws: Fault for an integer of more than 32 bits.
std::string write_answer(const config::Value& value);
/// What stands in <base64>: lines of 57 bytes, the last one shorter.
std::string base64_lines(std::string_view bytes);
constexpr std::size_t base64_line_bytes = 57;
std::string write_fault(const Fault& fault);

/// The struct that stands for a fault, also among the answers of system.multicall.
config::Value fault_value(const Fault& fault);

/// "20261122T06:51:13": UTC, without zone and fraction.
config::Value rpc_time(WallTime time);
/// nil for nothing.
config::Value rpc_time(const std::optional<WallTime>& time);

}  // namespace patchbay
