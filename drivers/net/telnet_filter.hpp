// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/telnet/negotiation.hpp"
#include "core/telnet/telnet.hpp"

namespace patchbay {

/// The text in a stream that a telnet server sends, and the refusals of all that it offers (RFC 854). No I/O.
class TelnetFilter {
public:
    /// Takes the next bytes, however they are cut; returns their text.
    std::string feed(std::string_view bytes);
    /// What is to be sent back now; empty for a server that only speaks plainly.
    std::string take_answers();

private:
    telnet::Decoder decoder_;
    telnet::Negotiation options_;  ///< none
    std::string answers_;
};

}  // namespace patchbay
