// SPDX-License-Identifier: Apache-2.0
#pragma once
// Can a job that is submitted ever find its device? Possibility counts, not availability: busy devices, bad ones and
// those in maintenance are devices, retired ones are not (lava_scheduler_app/models.py, _create_pipeline_job).

#include <string>
#include <vector>

#include "daemon/store/database.hpp"
#include "daemon/store/rights.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

class WantedDevices {
public:
    /// `asked_for`: a device type or an alias of one.
    /// Throws: SubmissionRefused when there is no such type for `submitter`, or no device of it.
    WantedDevices(Database& db, const std::string& asked_for, const UserRow& submitter);

    /// The type's own name.
    const std::string& type() const { return type_; }

    /// Throws: SubmissionRefused when no device of the type that the submitter may use has all of them.
    void check_tags(const std::vector<TagId>& tags) const;

    /// Those of the type that the submitter may use and that have all of the tags.
    std::vector<DeviceRow> usable(const std::vector<TagId>& tags) const;

private:
    bool any_usable(const std::vector<TagId>& tags) const;

    Database& db_;
    std::string type_;
    Rights rights_;
};

}  // namespace patchbay
