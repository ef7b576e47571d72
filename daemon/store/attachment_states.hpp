// SPDX-License-Identifier: Apache-2.0
#pragma once
// How it stands with the LAVA servers whose jobs run here: written by the daemon, read by whoever asks.

#include <string>
#include <vector>

#include "daemon/store/database.hpp"

namespace patchbay {

struct AttachmentState {
    enum class Kind { begins, attached, fails, stopped };

    std::string name, server, worker;
    Kind kind = Kind::begins;
    std::string problem;         ///< why it fails; "" else
    bool events = false;         ///< the server tells at once that there is something to do
    std::string events_problem;  ///< why it does not
    bool operator==(const AttachmentState&) const = default;
};

class AttachmentStates {
public:
    explicit AttachmentStates(Database& db) : db_{db} {}

    struct Row {
        AttachmentState state;
        WallTime since;              ///< of its kind
        std::int64_t open_jobs = 0;  ///< whose end the server has not taken
    };
    /// By name.
    std::vector<Row> list();
    /// Inside a write.
    void set(const AttachmentState& state, WallTime now);
    /// All but these are forgotten. Inside a write.
    void keep(const std::vector<std::string>& names);

private:
    Database& db_;
};

}  // namespace patchbay
