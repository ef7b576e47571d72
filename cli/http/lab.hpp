// SPDX-License-Identifier: Apache-2.0
#pragma once
// The calls of LAVA's REST API v0.2 that the commands need, as functions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/http/client.hpp"
#include "cli/results/report.hpp"
#include "core/config/value.hpp"

namespace patchbay::cli {

/// Job ids are text: "42", or "42.1" for one node of a multinode job. Throws: UserError when it is neither.
void check_job_id(const std::string& id);

/// Every call throws UserError when the server says no, ConnectionError when it says nothing.
class Lab {
public:
    explicit Lab(HttpClient& http) : http_{&http} {}

    HttpClient& http() { return *http_; }

    struct Submitted {
        std::vector<std::string> jobs;  ///< their ids: one, or one for each node or device type
        std::string portable_job;       ///< the number of a portable job; empty: it is none
    };
    /// Throws: Rejected with the server's text.
    Submitted submit(const std::string& definition);
    Submitted resubmit(const std::string& id);
    void cancel(const std::string& id);

    /// The job object as the server sent it.
    config::Value job(const std::string& id);
    /// Why it waits. Throws: UserError also when the server cannot say.
    config::Value why(const std::string& id);
    /// The jobs of a portable job and their results, side by side. `name`: "portable:3", or one of its jobs.
    /// Throws: UserError also when that job is a part of none.
    config::Value portable_job(const std::string& name);
    /// The job and all its results.
    Report report(const std::string& id);
    /// The id of suite `name` of a job. Throws: UserError naming the suites it has.
    std::string suite_id(const std::string& job, const std::string& name);
    /// The stored log from line `start`, as text; empty when there is none.
    std::string log(const std::string& id, long long start);
    /// The body of jobs/<id>/<what>/, like "csv".
    std::string document(const std::string& id, const std::string& what);

    /// Keeps a device for you. `fields`: for, idle_release, reason. The reservation as the server sent it.
    config::Value reserve(const std::string& device, config::Map fields);
    void release(const std::string& device);
    /// Posts `fields` to a path of our own; `what` names the thing in errors, `lost` says what to look at when no
    /// answer comes. The answer as the server sent it.
    config::Value post(const std::string& path, config::Map fields, const std::string& what, const std::string& lost);
    /// A lease of a person that is not over: the number of one; or the one of this device, or that waits for it; or
    /// with no name the only one that is yours. Throws: UserError, there is none, or more than one.
    config::Value lease(const std::string& name);
    /// Yours of this device; nullopt: you have none. Throws: UserError, you wait for it more than once.
    std::optional<config::Value> own_lease(const std::string& device);
    /// That of this number, as it is now.
    config::Value lease_by_number(const std::string& number);
    /// The items of a list, over all its pages, at most `limit` (0: all). `path` like
    /// "/api/v0.2/jobs/", `query` like "state=Running&…".
    config::List list(const std::string& path, const std::string& query, std::size_t limit);

    std::string user();
    std::string version();

    /// Where a person looks at it.
    std::string job_url(const std::string& id) const { return http_->server() + "/scheduler/job/" + id; }

private:
    struct Leases {
        std::vector<config::Value> mine, others;
    };
    Leases leases_of(const std::string& device);
    config::Value get(const std::string& path, const std::string& what);
    Submitted created(const HttpAnswer& answer, const std::string& what);

    HttpClient* http_;
};

/// Path of a job's resource: "/api/v0.2/jobs/42/logs/".
std::string job_path(const std::string& id, std::string_view what = {});

/// The sentence of an error answer: detail, message, or the fields of a form.
std::string error_text(const HttpAnswer& answer);

/// Throws UserError unless the status is 2xx; `what` names the thing ("job 42"). A gateway's 502, 503 and 504 are a
/// ConnectionError: the server behind it is away.
void expect_success(const HttpAnswer& answer, const std::string& what, const std::string& server);

}  // namespace patchbay::cli
