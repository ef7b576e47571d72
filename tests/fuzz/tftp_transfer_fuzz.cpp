// SPDX-License-Identifier: Apache-2.0
// Any options and any order of acknowledgements, errors and time-outs: only blocks of the file are sent, no more than a
// window of them, and no answer brings more than a window of the same blocks again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tftp/transfer.hpp"

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace patchbay::tftp;
    if (size < 6) return 0;
    const std::uint64_t file_size = static_cast<std::uint64_t>(data[0]) << (data[1] % 40);
    const Options options{{"windowsize", std::to_string(data[2])},
                          {"blksize", std::to_string(data[3] * 300)},
                          {"timeout", std::to_string(data[4])}};
    Transfer transfer{agree(data[5] & 1 ? options : Options{}, file_size), file_size};
    const auto check = [&](const Step& step) {
        require(step.blocks() <= transfer.terms().window);
        require(transfer.terms().window * transfer.terms().block_size <= largest_window ||
                transfer.terms().window == 1);
        for (auto block = step.first; block <= step.last; ++block) {
            require(transfer.offset(block) <= file_size && block > transfer.acknowledged());
            require(transfer.offset(block) + transfer.length(block) <= file_size);
        }
        require(transfer.patience() >= transfer.terms().timeout);
        require(transfer.state() == Transfer::State::running || transfer.state() == Transfer::State::complete ||
                !transfer.reason().empty());
        require(transfer.state() != Transfer::State::complete || transfer.acknowledged_bytes() == file_size);
    };
    check(transfer.begin());
    for (std::size_t at = 6; at + 1 < size; at += 2) {
        const auto before = transfer.acknowledged();
        if (data[at] == 255) {
            check(transfer.on_timeout());
        } else if (data[at] == 254) {
            check(transfer.on_packet(ErrorMessage{ErrorCode::undefined, "x"}));
        } else {
            // Near what is expected, forwards or back.
            const auto number = static_cast<std::uint16_t>(before + data[at + 1] - 8);
            check(transfer.on_packet(Acknowledgement{number}));
        }
        require(transfer.acknowledged() >= before);
    }
    return 0;
}
