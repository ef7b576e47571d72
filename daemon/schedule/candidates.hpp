// SPDX-License-Identifier: Apache-2.0
#pragma once
// The jobs that a device may choose from.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/schedule/queue.hpp"
#include "daemon/schedule/sharing_view.hpp"

namespace patchbay {

/// The best queued jobs that the rules let have a device now: one for each submitter and set of wanted tags, and each
/// one that wants this device and no other.
class Candidates {
public:
    /// Both must outlive it.
    Candidates(Database& db, SharingView& view);

    std::vector<QueueHead> of(const std::string& device);

private:
    std::vector<QueueHead> heads_on(const std::string& device);
    bool may_have(const OneDeviceJob& job);

    SharingView& view_;
    Queue queue_;
    std::vector<std::pair<UserId, std::vector<std::string>>> allowed_;
    std::optional<std::vector<QueueHead>> ordinary_;
};

}  // namespace patchbay
