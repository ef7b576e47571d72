// SPDX-License-Identifier: Apache-2.0
#pragma once
// The API on a real store, without a socket: a request is the bytes that a client would send, an answer is what the
// server would write. No device runs here; the test says what happens to a job.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/yaml.hpp"
#include "daemon/api/api.hpp"
#include "daemon/api/jobs/job_cache.hpp"
#include "daemon/http/limits.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/schedule/scheduler.hpp"
#include "daemon/supervise/ingest.hpp"
#include "daemon/supervise/supervisor.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay::testing {

struct ApiAnswer {
    int status = 0;
    std::string content_type;
    std::map<std::string, std::string> headers;  ///< those of the handler
    std::string body;                            ///< of a stream: all that it wrote
    std::size_t largest_piece = 0;               ///< of a stream
    bool authenticated = false;                  ///< it counts as a user's
    bool login_failed = false;                   ///< it counts against its client

    config::Value json() const { return config::parse_json(body); }
};

/// Where a streamed answer goes while the test goes on.
class LiveStream final : public BodyWriter {
public:
    Task<> write(std::string bytes) override {
        largest_piece = std::max(largest_piece, bytes.size());
        text += bytes;
        co_return;
    }
    std::string text;
    std::size_t largest_piece = 0;
    bool ended = false;
    std::exception_ptr failure;
};

class ApiLab {
public:
    ApiLab();
    ~ApiLab();
    ApiLab(const ApiLab&) = delete;
    ApiLab& operator=(const ApiLab&) = delete;

    /// Makes the user with a token that the other functions use under this name.
    UserId add_user(const std::string& name, bool superuser = false);
    const std::string& token(const std::string& user) const { return tokens_.at(user); }

    /// `who`: a user of add_user(), "" for nobody.
    ApiAnswer get(const std::string& target, const std::string& who = "");
    ApiAnswer post(const std::string& target, const std::string& content_type, const std::string& body,
                   const std::string& who = "");
    /// {"definition": ...} as JSON.
    ApiAnswer post_definition(const std::string& target, const std::string& definition, const std::string& who = "");
    /// `headers`: whole lines, each ended by CRLF.
    ApiAnswer send(std::string_view method, std::string_view target, const std::string& headers = {},
                   std::string_view body = {});
    std::string authorization(const std::string& who) const;

    /// Starts a streamed answer; run_until() lets it go on.
    std::unique_ptr<LiveStream> follow(const std::string& target, const std::string& headers = {});
    template <class Condition>
    void run_until(Condition condition) {
        lab.io.restart();
        while (!condition() && lab.io.run_one() > 0) {
        }
        if (!condition()) throw std::logic_error{"it never came to that"};
    }

    /// What devices and runners do, step by step.
    void schedule(JobId job, const std::string& device, WallTime when = wall_now());
    void start(JobId job, WallTime when = wall_now());
    /// One log record, "{...}"; a result makes a case as well.
    void record(JobId job, const std::string& json, WallTime when = wall_now());
    const LeaseRow& lease(JobId job) const { return leases_.at(job); }
    void finish(JobId job, JobHealth health, WallTime when = wall_now());
    void update(JobId job);

    /// What a server's handler needs.
    Services& services() { return services_; }
    JobRow job(JobId id) { return *Jobs{lab.reader()}.find(id); }
    /// The next row of `table` gets this id.
    void set_next_id(const std::string& table, std::int64_t id);

    TemporaryStore lab;
    Settings settings;
    HttpLimits limits;
    Events events;
    std::vector<LeaseRow> started;
    /// What answers; the other interfaces of the daemon put themselves here.
    std::function<Task<Response>(Request&, Services&)> handler = answer_api;
    std::function<BodyRight(const Request&, Services&)> body_rule = body_right;

private:
    BodyRule rule();
    Response answer(Request& request);

    asio::thread_pool checkers_{1};
    Supervisor supervisor_;
    Scheduler scheduler_;
    JobCache job_cache_;
    Services services_;
    std::map<std::string, std::string> tokens_;
    std::map<JobId, LeaseRow> leases_;
    std::vector<std::shared_ptr<Response>> streaming_;
};

/// A log line of another program: `line` is stored, `record` is what it says.
void add_record(IngestBatch& batch, const std::string& line, const config::Value& record, JobId job);

/// A definition that is taken, with `name` and what `more` adds at its end.
std::string definition(const std::string& name = "smoke", const std::string& more = {});

}  // namespace patchbay::testing
