// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "jobs/actions/container.hpp"

namespace patchbay {

/// Starts `argv` in the container; its terminal becomes the console of namespace `ns`.
/// Whoever calls this removes the container (remove_container), also when it throws: the image may have been on its
/// way.
Task<> open_container(JobContext& job, std::string ns, Container container, std::vector<std::string> argv);

}  // namespace patchbay
