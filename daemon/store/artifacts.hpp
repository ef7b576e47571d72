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
    std::int64_t id = 0;    ///< another one when a later file took the place of this
};

class Artifacts {
public:
    explicit Artifacts(Database& db) : db_{db} {}

    /// Stores a piece as the journal has it (jobs/journal/artifact.hpp). The first piece takes the place of what the
    /// job had under this name. What is no piece is ignored.
    void add(JobId job, std::string_view payload);

    /// Those that are there as a whole, by name.
    std::vector<ArtifactRow> list(JobId job);
    /// nullopt: there is none of this name, or not yet as a whole.
    std::optional<ArtifactRow> find(JobId job, const std::string& name);
    /// The piece that begins at byte `at`; nullopt: it has gone.
    std::optional<std::string> piece(std::int64_t artifact, std::int64_t at);

    /// Removes at most 2 MB of the job's; one of which a piece has gone is not found any more. False: that was the last
    /// of them.
    bool remove_piece(JobId job);

private:
    Database& db_;
};

}  // namespace patchbay
