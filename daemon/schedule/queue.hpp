// SPDX-License-Identifier: Apache-2.0
#pragma once
// The queue of one device type without the parts of multinode groups, which no device takes by itself, and the devices
// that wait for jobs, as a decision reads them: by index seeks, of which there are as many as there are submitters and
// sets of wanted tags, however many jobs are queued.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "daemon/sharing/refusal.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

/// The best queued job of those of one submitter that want exactly these tags.
struct QueueHead {
    std::string tag_set;
    JobId job;
    int priority = 50;
    WallTime submit_time{};
    UserId submitter;
};

/// A queued job that wants one device and no other.
struct OneDeviceJob {
    QueueHead head;
    std::string device;
    std::optional<std::chrono::seconds> run_limit;
};

class Queue {
public:
    Queue(Database& db, std::string device_type) : db_{db}, device_type_{std::move(device_type)} {}

    /// Who has jobs in it that any fitting device may take; so are the next two.
    std::vector<UserId> submitters();
    /// The sets of tags that jobs of this submitter want.
    std::vector<std::string> tag_sets(UserId submitter);
    /// The best job that is over within `left`; of a submitter's jobs with these tags the first 4096 are looked at.
    /// nullopt: none of them is.
    std::optional<QueueHead> head(UserId submitter, const std::string& tag_set,
                                  std::optional<std::chrono::seconds> left);

    /// The others, the best first; at most 4096.
    std::vector<OneDeviceJob> of_one_device();

    static constexpr auto head_sql = R"sql(
        SELECT id, priority, submit_time, run_limit FROM job
        WHERE state = 0 AND target_group = '' AND requested_device = '' AND requested_device_type = $1
            AND submitter_id = $2 AND tag_set = $3
        ORDER BY priority DESC, submit_time, id LIMIT 4096
    )sql";

private:
    Database& db_;
    std::string device_type_;
    std::map<std::tuple<UserId, std::string, std::optional<std::chrono::seconds>>, std::optional<QueueHead>> heads_;
};

/// As in LAVA: devices of a type that is not displayed take no jobs.
bool is_displayed(Database& db, const std::string& device_type);
Refusal not_displayed(const std::string& device_type);

struct IdleDevice {
    std::string hostname;
    std::string tag_set;
    std::string worker;
};
/// The condition of idle, usable devices: Good or Unknown, on a worker that may start jobs.
const std::string& idle_condition();
/// Those of the type $1, found by the index that is theirs: " FROM device ... WHERE ...".
const std::string& from_idle_devices();
/// Such devices of the type: each one of `special`, and of the others `each` for each set of tags. Of equals those are
/// the ones that had the fewest leases, so that boards wear evenly.
std::vector<IdleDevice> idle_devices(Database& db, const std::string& device_type, const std::set<std::string>& special,
                                     std::int64_t each = 1);

}  // namespace patchbay
