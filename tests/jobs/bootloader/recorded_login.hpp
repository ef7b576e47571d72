// SPDX-License-Identifier: Apache-2.0
#pragma once
// Logins, written by hand and cut out of LAVA's logs of real ones.

#include <string>
#include <vector>

#include "jobs/bootloader/login_dialogue.hpp"
#include "tests/jobs/bootloader/conversation.hpp"

namespace patchbay::testing {

/// Root with a password, at "login:".
LoginPlan root_login();

/// Logins that succeed.
std::vector<Recording> written_logins();
/// Logins that the board refuses, or whose words get lost in babble: never a success.
std::vector<Recording> written_refusals();
/// The login in a log of LAVA's, with the last of what the system said before it. Nothing where there is none.
std::vector<Recording> logins_in(const std::string& lava_log, const std::string& name);

}  // namespace patchbay::testing
