// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files that jobs left: captured sound, plots.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/database.hpp"

namespace patchbay {

struct ArtifactRow {
    std::string name, type;
    std::int64_t size = 0;  ///< bytes of the whole
};

class Artifacts {
public:
    explicit Artifacts(Database& db) : db_{db} {}

    /// Stores a piece as the journal has it (jobs/journal/artifact.hpp). The first piece takes the place of what the
    /// job had under this name. What is no piece is ignored.
    void add(JobId job, std::string_view payload);

    /// Those that are there as a whole, by name.
    std::vector<ArtifactRow> list(JobId job);
    struct Content {
        ArtifactRow row;
        std::string bytes;
    };
    /// nullopt: there is none of this name, or not yet as a whole.
    std::optional<Content> find(JobId job, const std::string& name);

    /// Removes at most 2 MB of the job's. False: that was the last of it.
    bool remove_piece(JobId job);

private:
    Database& db_;
};

}  // namespace patchbay
