// SPDX-License-Identifier: Apache-2.0
#pragma once
// A store with an owner, guests and rules; a claim is a decision of one moment.

#include <gtest/gtest.h>

#include "daemon/schedule/decision.hpp"
#include "daemon/store/leases.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay::testing {

class SharingLab : public ::testing::Test {
protected:
    TemporaryStore lab;
    UserId owner = lab.add_user("owner");
    UserId guest = lab.add_user("guest");
    UserId other = lab.add_user("other");
    SharingRules rules;
    /// A Wednesday noon, UTC.
    WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 1 / 14} + std::chrono::hours{12}};

    /// Keys of the rule of guest and other.
    void limit(const std::string& keys) {
        rules = parse_sharing_rules("timezone: Etc/UTC\nrules:\n- name: guests\n  users: [guest, other]\n" + keys,
                                    "sharing.yaml");
    }
    JobId submit(UserId who, int priority = 50, std::chrono::seconds run_limit = std::chrono::hours{1},
                 const std::string& type = "qemu") {
        auto job = a_job(who, type, priority);
        job.run_limit = run_limit;
        return lab.add_job(std::move(job), now);
    }
    std::optional<LeaseRow> claim(const std::string& type = "qemu") {
        const auto leases = claim_group(type);
        if (leases.empty()) return std::nullopt;
        return leases.front();
    }
    /// All that one decision brings about: several leases for a multinode group.
    std::vector<LeaseRow> claim_group(const std::string& type = "qemu") {
        auto write = [this, type](Database& db) { return claim_next(db, type, now, rules); };
        return lab.write(std::move(write));
    }
    /// Whose job went to a device; "" when none did.
    std::string claimed(const std::string& type = "qemu") {
        const auto lease = claim(type);
        if (!lease) return "";
        return Jobs{lab.reader()}.find(lease->job)->submitter + " on " + lease->device;
    }
    void end(const LeaseRow& lease) {
        auto give_back = [lease](Database& db) {
            Jobs{db}.finish(lease.job, JobHealth::complete, wall_now());
            Devices{db}.release(lease.device, lease.job);
            Leases{db}.close(lease.id, lease.fence, wall_now());
        };
        lab.write(std::move(give_back));
    }
    void add_boards(int count, const std::string& type = "qemu") {
        std::vector<ConfiguredDevice> devices;
        for (int i = 1; i <= count; ++i) devices.push_back(a_device(type + "-" + std::to_string(i), type));
        lab.add_devices(devices);
    }
};

}  // namespace patchbay::testing
