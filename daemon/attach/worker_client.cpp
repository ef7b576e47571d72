// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/worker_client.hpp"

namespace patchbay {
namespace {

using namespace std::chrono_literals;

constexpr auto base = "/scheduler/internal/v1/";
// As long as lava-run waits; a server that stores a thousand lines may be busy.
constexpr auto logs_patience = 120s;
constexpr auto job_patience = 60s;

}  // namespace

ServerReply WorkerClient::enrol(const std::string& version) const {
    ServerRequest ask;
    ask.url = server_ + base + "workers/";
    ask.user_agent = "lava-worker " + version;
    ask.form = "name=" + form_encoded(worker_);
    return exchange(ask, stop_);
}

ServerReply WorkerClient::ping(const std::string& token, const std::string& version) const {
    ServerRequest ask;
    ask.url = server_ + base + "workers/" + worker_ + "/?version=" + form_encoded(version);
    ask.token = token;
    ask.user_agent = "lava-worker " + version;
    ask.most_bytes = longest_ping;
    return exchange(ask, stop_);
}

ServerRequest WorkerClient::about(const RemoteJob& job, const std::string& program, const std::string& version) const {
    ServerRequest ask;
    ask.url = server_ + base + "jobs/" + std::to_string(job.id) + "/";
    ask.token = job.token;
    ask.user_agent = program + " " + version;
    ask.patience = job_patience;
    ask.most_bytes = longest_word;
    return ask;
}

ServerReply WorkerClient::fetch(const RemoteJob& job, const std::string& version) const {
    auto ask = about(job, "lava-worker", version);
    ask.most_bytes = longest_job;
    return exchange(ask, stop_);
}

ServerReply WorkerClient::show(const RemoteJob& job, const std::string& version) const {
    ServerRequest ask;
    ask.url = server_ + "/api/v0.2/jobs/" + std::to_string(job.id) + "/";
    ask.user_agent = "lava-worker " + version;
    ask.most_bytes = longest_job;
    return exchange(ask, stop_);
}

ServerReply WorkerClient::running(const RemoteJob& job, const std::string& version) const {
    auto ask = about(job, "lava-worker", version);
    ask.form = "state=RUNNING";
    return exchange(ask, stop_);
}

ServerReply WorkerClient::finished(const RemoteJob& job, const std::string& version, const RemoteEnd& end) const {
    auto ask = about(job, "lava-worker", version);
    ask.form = std::string{"state=FINISHED&result="} + (end.passed ? "pass" : "fail") +
               "&error_type=" + form_encoded(end.error_type) + "&errors=" + form_encoded(end.errors) + "&description=";
    return exchange(ask, stop_);
}

ServerReply WorkerClient::logs(const RemoteJob& job, const std::string& version, const std::string& lines,
                               std::int64_t index) const {
    auto ask = about(job, "lava", version);
    ask.url += "logs/";
    ask.form = "lines=" + form_encoded(lines) + "&index=" + std::to_string(index);
    ask.patience = logs_patience;
    return exchange(ask, stop_);
}

}  // namespace patchbay
