// SPDX-License-Identifier: Apache-2.0
#pragma once
// The daemon's log of what became of devices.

#include <cstdint>

#include "daemon/store/database.hpp"

namespace patchbay {

/// A line for each health that is another than before, with the whole reason: the log is the lab's owner's.
class HealthLog {
public:
    /// `db`: a reader; what was committed before is not told.
    explicit HealthLog(Database& db);
    /// Those since the last call.
    void tell();

private:
    Database& db_;
    std::int64_t last_ = 0;
};

}  // namespace patchbay
