// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "jobs/actions/action.hpp"

namespace patchbay {

/// test: {audio: [...]}
ActionPtr build_audio(const ActionBlock& block, const JobContext& job);

}  // namespace patchbay
