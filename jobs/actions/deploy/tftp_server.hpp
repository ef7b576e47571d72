// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace patchbay {

struct JobContext;

/// Says at validation what a lab lacks whose targets fetch from its TFTP server.
void check_tftp(const JobContext& job, std::vector<std::string>& errors);

}  // namespace patchbay
