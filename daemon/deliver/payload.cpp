// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/payload.hpp"

#include "core/text.hpp"
#include "daemon/api/jobs/job_json.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/notify/callback_url.hpp"

namespace patchbay {
namespace {

using Metadata = std::vector<std::pair<std::string, std::string>>;

class JsonHead {
public:
    JsonHead() { json_.begin_object(); }
    template <class T>
    void add(std::string_view name, const T& value) {
        json_.member(name, value);
    }
    void add_metadata(const Metadata& metadata) {
        json_.key("metadata").begin_array();
        for (const auto& [key, value] : metadata) json_.begin_object().member(key, value).end_object();
        json_.end_array();
    }
    std::string take() { return json_.take(); }

private:
    JsonWriter json_;
};

class FormHead {
public:
    void add(std::string_view name, std::string_view value) {
        text_ += (text_.empty() ? "" : "&") + std::string{name} + "=" + percent_encode(value, Blank::as_plus);
    }
    void add(std::string_view name, std::int64_t value) { add(name, std::string_view{std::to_string(value)}); }
    void add(std::string_view name, int value) { add(name, std::int64_t{value}); }
    void add(std::string_view name, bool value) { add(name, std::string_view{value ? "True" : "False"}); }
    void add(std::string_view name, const std::string& value) { add(name, std::string_view{value}); }
    void add(std::string_view name, const std::optional<std::string>& value) {
        if (value) add(name, std::string_view{*value});
    }
    void add_metadata(const Metadata& metadata) {
        for (const auto& [key, value] : metadata) add("metadata", key);
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

template <class Head>
std::string write(Head head, const JobRow& job, const std::string& definition, const std::string& email) {
    const auto legacy = legacy_status(job.state, job.health);
    head.add("id", job.id.value);
    head.add("status", legacy.number);
    head.add("status_string", legacy.word);
    head.add("state", static_cast<int>(job.state));
    head.add("state_string", to_string(job.state));
    head.add("health", static_cast<int>(job.health));
    head.add("health_string", to_string(job.health));
    head.add("submit_time", python_time(job.submit_time));
    head.add("start_time", python_time(job.start_time));
    head.add("end_time", python_time(job.end_time));
    head.add("submitter_username", job.submitter);
    head.add("submitter_email", email);
    head.add("failure_comment", job.failure_comment);
    head.add("priority", job.priority);
    head.add("description", job.description);
    head.add("actual_device_id", job.actual_device);
    head.add("definition", definition);
    head.add_metadata(shown_metadata(job));
    head.add("health_check", job.health_check);
    return head.take();
}

}  // namespace

JobRow job_at(JobRow job, JobState state, JobHealth health) {
    job.state = state;
    job.health = health;
    if (state == JobState::finished) return job;
    job.end_time.reset();
    job.failure_comment.reset();
    return job;
}

std::string payload_head(const JobRow& job, const std::string& definition, const std::string& email, ContentType type) {
    return type == ContentType::json ? write(JsonHead{}, job, definition, email)
                                     : write(FormHead{}, job, definition, email);
}

}  // namespace patchbay
