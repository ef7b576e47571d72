// SPDX-License-Identifier: Apache-2.0
#pragma once
// One file on its way to one client: what came in, what is to be sent next. Pure: no socket, no clock, no bytes of the
// file, only the numbers of its blocks.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tftp/packet.hpp"
#include "tftp/terms.hpp"

namespace patchbay::tftp {

/// What to send now, in this order; nothing, when it is empty.
struct Step {
    std::optional<Packet> packet;       ///< an OACK or an ERROR
    std::uint64_t first = 1, last = 0;  ///< blocks, counted from 1 and without end

    std::uint64_t blocks() const { return last + 1 - first; }
    bool empty() const { return !packet && blocks() == 0; }
};

class Transfer {
public:
    enum class State { running, complete, ended_by_client, failed };

    Transfer(Terms terms, std::uint64_t file_size);

    /// The first answer: the options, or the first blocks when the client asked for none.
    Step begin();
    Step on_packet(const Packet& packet);
    /// Nothing that led to a Step came for `patience()`.
    Step on_timeout();

    std::chrono::seconds patience() const { return patience_; }
    State state() const { return state_; }
    /// Why it ended, unless it is running or complete.
    const std::string& reason() const { return reason_; }

    /// On the wire the 16 lower bits: behind 65535 comes 0, as U-Boot, GRUB and iPXE count.
    static std::uint16_t wire_number(std::uint64_t block) { return static_cast<std::uint16_t>(block); }
    /// Of a block: where it begins in the file, how many bytes it has. The last one is always shorter than the others.
    std::uint64_t offset(std::uint64_t block) const { return (block - 1) * terms_.block_size; }
    std::size_t length(std::uint64_t block) const;

    const Terms& terms() const { return terms_; }
    std::uint64_t file_size() const { return file_size_; }
    /// Blocks up to this one are not asked for again.
    std::uint64_t acknowledged() const { return acknowledged_; }
    std::uint64_t acknowledged_bytes() const;
    std::uint64_t sent_again() const { return sent_again_; }

private:
    Step window();
    Step on_acknowledgement(std::uint16_t number);
    Step end(State state, std::string reason, std::optional<Packet> last_word = {});

    Terms terms_;
    std::uint64_t file_size_, last_block_;
    std::uint64_t acknowledged_ = 0, sent_ = 0;
    bool agreeing_ = false;  ///< the OACK is not acknowledged
    bool repeated_ = false;  ///< the blocks behind acknowledged_ were sent again because the client asked
    unsigned unanswered_ = 0;
    std::uint64_t sent_again_ = 0;
    std::chrono::seconds patience_;
    State state_ = State::running;
    std::string reason_;
};

}  // namespace patchbay::tftp
