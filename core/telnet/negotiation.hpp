// SPDX-License-Identifier: Apache-2.0
#pragma once
// Which options two sides of telnet agree on (RFC 855, 1143), pure.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/telnet/telnet.hpp"

namespace patchbay::telnet {

enum Option : std::uint8_t { binary = 0, echo = 1, suppress_go_ahead = 3, com_port = 44 };

class Negotiation {
public:
    using Options = std::vector<std::uint8_t>;

    /// Refuses all that the other side offers or wants.
    Negotiation() = default;
    /// `ours`: what we offer; `wanted`: what the other side shall do; `allowed`: what it may, too.
    Negotiation(Options ours, Options wanted, Options allowed);

    /// What is offered and wanted; the first bytes of a connection.
    std::string hello();

    /// Takes WILL, WONT, DO or DONT; appends to `reply`, but only to what changes something, so that two sides that are
    /// sure of themselves do not go on for ever.
    void hear(const Command& command, std::string& reply);

    bool they_do(std::uint8_t option) const { return theirs_[option] == State::agreed; }

private:
    enum class State { off, asked, agreed };

    Options ours_may_, wanted_, theirs_may_;
    std::array<State, 256> ours_{}, theirs_{};
};

}  // namespace patchbay::telnet
