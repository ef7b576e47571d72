// SPDX-License-Identifier: Apache-2.0
// Any datagram: it is refused, or what was read and written again is read as the same.
#include <cstdint>
#include <cstdlib>

#include "tftp/packet.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay::tftp;
    try {
        const auto packet = parse({reinterpret_cast<const char*>(data), size});
        const auto bytes = format(packet);
        if (parse(bytes) != packet) std::abort();
        if (std::holds_alternative<Request>(packet) && bytes.size() > longest_request) std::abort();
    } catch (const MalformedPacket&) {
    }
    return 0;
}
