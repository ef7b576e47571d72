// SPDX-License-Identifier: Apache-2.0
#pragma once
// A lab that looks like the recorded one at the moment of each request: people, two devices, and jobs that are brought
// to the state which the recorded answer shows, with the recorded log and results going through the real ingest.

#include <set>
#include <string>

#include "tests/compat/exchange.hpp"

namespace patchbay::testing {

class RecordedLab {
public:
    explicit RecordedLab(std::string name);

    /// Does what happened before this request was sent, sends it, and returns our answer.
    ApiAnswer replay(const Exchange& exchange);

    ApiLab lab;

private:
    void prepare(const Exchange& exchange);
    void add_health_check(const config::Value& recorded);
    void bring_job_to(const config::Value& recorded);
    void take_group_name(JobId id, const config::Value& recorded);
    void bring_device_to(const config::Value& recorded);
    void add_recorded_job(const config::Value& recorded);
    void add_recorded_jobs(const config::Value& page);
    void ingest_log(JobId job);
    void renumber(JobId job, const config::List& recorded);

    std::string name_;
    std::set<JobId> ingested_;
};

}  // namespace patchbay::testing
