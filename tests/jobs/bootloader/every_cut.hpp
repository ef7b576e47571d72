// SPDX-License-Identifier: Apache-2.0
#pragma once
// A recorded conversation, cut and stopped at each of its bytes and played on bad lines: what must hold then.

#include <cstdint>

#include "tests/jobs/bootloader/conversation.hpp"

namespace patchbay::testing {

/// In two pieces, cut at every `step`th byte, and byte by byte, it ends as in one piece.
void expect_same_in_two_pieces(const Recording& recording, std::size_t step);

/// It comes in reads, as from a driver, and each of them is cut in two at each of its bytes: at the end of the read all
/// is as without the cut. Where the board falls silent, or for ever stops, at any byte, nothing is claimed that its
/// bytes so far do not say; nor is anything when it goes on after that. Returns how many places that were.
std::size_t expect_same_at_every_cut(const Recording& recording);

/// How many of `seeds` plays on bad lines succeed. None may claim what was not said.
std::size_t count_honest_successes(const Recording& recording, BadLine::Trouble trouble, std::uint32_t seeds);

}  // namespace patchbay::testing
