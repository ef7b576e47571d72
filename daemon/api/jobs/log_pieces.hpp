// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ids.hpp"
#include "core/task.hpp"
#include "daemon/services.hpp"

namespace patchbay {

/// The log's lines start <= n < end; "" when there are none. A long piece is read on a worker.
Task<std::string> read_log_lines(Services& lab, JobId job, std::int64_t start, std::optional<std::int64_t> end);

}  // namespace patchbay
