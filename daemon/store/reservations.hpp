// SPDX-License-Identifier: Apache-2.0
#pragma once
// Devices that are kept for one user: only that user's jobs go there.

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

struct Reservation {
    std::string device;
    std::string device_type;  ///< this and the last two are those of the device, and not stored here
    UserId user;
    std::string user_name;
    std::optional<JobId> job;  ///< of the user, which had to wait too long; nullopt: a person's
    WallTime made{};
    std::optional<WallTime> until;  ///< of a person's
    std::optional<std::chrono::seconds> idle_release;
    WallTime last_used{};
    std::string reason;
    bool in_use = false;  ///< the device has a job
    bool usable = true;   ///< it is Good or Unknown

    /// When it ends by itself, as things are; nullopt: a job's, or it is in use without an end.
    std::optional<WallTime> ends() const;
};

/// The reservations, through one connection. One whose end has come counts no more, whether it was removed or not; nor
/// does that of a job which is queued no more.
class Reservations {
public:
    explicit Reservations(Database& db) : db_{db} {}

    std::optional<Reservation> find(const std::string& device, WallTime now);
    /// By device.
    std::vector<Reservation> list(WallTime now);

    /// Also a longer, shorter or other one of the same user. False: the device is another's.
    bool put(const Reservation& reservation, WallTime now);
    bool remove(const std::string& device);
    enum class Release {
        done,
        nothing,   ///< the device was not reserved
        anothers,  ///< who asks may not; it stays
    };
    /// The reservation of `user`, or anybody's.
    Release release(const std::string& device, std::optional<UserId> user, WallTime now);
    /// The job has taken `device`. Its own reservation is over; when the device was kept for another job of the same
    /// user, that one has the job's instead.
    void taken(const std::string& device, JobId job);
    /// A job of its user begins or ends there.
    void touch(const std::string& device, WallTime now);
    /// What counts no more.
    void remove_ended(WallTime now);

private:
    Database& db_;
};

}  // namespace patchbay
