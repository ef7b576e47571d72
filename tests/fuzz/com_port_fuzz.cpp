// SPDX-License-Identifier: Apache-2.0
// What a console server says: the same however it is cut, and never answered with more than it was asked.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "drivers/net/com_port.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace patchbay;
    if (size == 0) return 0;
    const std::string_view stream{reinterpret_cast<const char*>(bytes + 1), size - 1};
    const auto cut = std::min<std::size_t>(bytes[0], stream.size());
    ComPortClient whole, parts;
    whole.hello();
    parts.hello();
    std::string data, reply, data_of_parts, reply_to_parts;
    whole.feed(stream, data, reply);
    parts.feed(stream.substr(0, cut), data_of_parts, reply_to_parts);
    parts.feed(stream.substr(cut), data_of_parts, reply_to_parts);
    const auto request = speed_request(115200);
    const bool same = data == data_of_parts && reply == reply_to_parts && whole.support() == parts.support() &&
                      whole.modem_lines() == parts.modem_lines() && whole.is_suspended() == parts.is_suspended() &&
                      whole.answer_to(request) == parts.answer_to(request);
    if (!same || reply.size() > stream.size() || data.size() > stream.size()) std::abort();
    return 0;
}
