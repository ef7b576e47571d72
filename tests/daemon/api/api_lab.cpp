// SPDX-License-Identifier: Apache-2.0
#include "tests/daemon/api/api_lab.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <cstring>

#include "daemon/http/request_reader.hpp"
#include "daemon/store/leases.hpp"

namespace patchbay::testing {
namespace {

Settings lab_settings(const std::filesystem::path& folder) {
    Settings settings;
    settings.state_dir = folder / "state";
    settings.worker_host = "bench";
    settings.runner = "/nonexistent/patchbay-runner";
    complete(settings);
    return settings;
}

ApiAnswer to_answer(Response response) {
    ApiAnswer answer;
    answer.status = response.status;
    answer.content_type = std::move(response.content_type);
    answer.body = std::move(response.body);
    answer.authenticated = response.authenticated;
    answer.login_failed = response.login_failed;
    for (auto& [name, value] : response.headers) answer.headers[name] = std::move(value);
    return answer;
}

}  // namespace

ApiLab::ApiLab()
    : settings{lab_settings(lab.folder.path)},
      supervisor_{lab.io.get_executor(),    LeaseThreads{lab.workers, lab.workers}, *lab.store, events, settings,
                  [](const std::string&) {}},
      scheduler_{lab.io.get_executor(), *lab.store, [this](LeaseRow lease) { started.push_back(std::move(lease)); }},
      services_{*lab.store, scheduler_, supervisor_, settings, events, checkers_, job_cache_} {
    lab.store->on_changes([this](const std::vector<Change>& changes) { events.publish(changes); });
}

ApiLab::~ApiLab() {
    checkers_.join();
    lab.workers.join();
}

UserId ApiLab::add_user(const std::string& name, bool superuser) {
    const auto id = lab.add_user(name, superuser);
    auto add = [id](Database& db) { return Users{db}.add_token(id, "test", wall_now()); };
    tokens_[name] = lab.write(std::move(add)).secret;
    return id;
}

std::string ApiLab::authorization(const std::string& who) const {
    return who.empty() ? std::string{} : "Authorization: Token " + tokens_.at(who) + "\r\n";
}

ApiAnswer ApiLab::get(const std::string& target, const std::string& who) {
    return send("GET", target, authorization(who));
}

ApiAnswer ApiLab::post(const std::string& target, const std::string& content_type, const std::string& body,
                       const std::string& who) {
    return send("POST", target, authorization(who) + "Content-Type: " + content_type + "\r\n", body);
}

ApiAnswer ApiLab::post_definition(const std::string& target, const std::string& definition, const std::string& who) {
    config::Map fields;
    fields.set("definition", definition);
    return post(target, "application/json", config::dump_json(config::Value{std::move(fields)}), who);
}

namespace {

Request read_request(const HttpLimits& limits, const BodyRule& rule, const std::string& text) {
    RequestReader reader{limits, "192.0.2.1", rule};
    for (std::size_t sent = 0; reader.advance() != RequestReader::State::complete;) {
        const auto room = reader.prepare();
        const auto count = std::min(room.size(), text.size() - sent);
        if (count == 0) throw std::logic_error{"the request of this test is not whole"};
        std::memcpy(room.data(), text.data() + sent, count);
        sent += count;
        reader.commit(count);
    }
    return reader.take();
}

std::string request_text(std::string_view method, std::string_view target, const std::string& headers,
                         std::string_view body) {
    std::string text{method};
    text += ' ';
    text += target;
    text += " HTTP/1.1\r\n";
    if (headers.find("Host:") == std::string::npos) text += "Host: lab.example\r\n";
    text += headers;
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text += "\r\n";
    text += body;
    return text;
}

}  // namespace

BodyRule ApiLab::rule() {
    return [this](const Request& head) { return body_rule(head, services_); };
}

Response ApiLab::answer(Request& request) { return run(lab.io, handler(request, services_)); }

ApiAnswer ApiLab::send(std::string_view method, std::string_view target, const std::string& headers,
                       std::string_view body) {
    std::optional<Request> request;
    try {
        request = read_request(limits, rule(), request_text(method, target, headers, body));
    } catch (const HttpError& error) {
        ApiAnswer refused;
        refused.status = error.status;
        refused.body = error.what();
        return refused;
    }
    auto response = answer(*request);
    const auto stream = std::move(response.stream);
    auto out = to_answer(std::move(response));
    if (stream) {
        LiveStream live;
        run(lab.io, stream(live));
        out.body = std::move(live.text);
        out.largest_piece = live.largest_piece;
    }
    return out;
}

std::unique_ptr<LiveStream> ApiLab::follow(const std::string& target, const std::string& headers) {
    auto request = read_request(limits, rule(), request_text("GET", target, headers, {}));
    auto response = std::make_shared<Response>(answer(request));
    auto live = std::make_unique<LiveStream>();
    if (!response->stream) throw std::logic_error{target + " answered without a stream: " + response->body};
    streaming_.push_back(response);
    asio::co_spawn(lab.io, response->stream(*live), [&out = *live](std::exception_ptr failure) {
        out.ended = true;
        out.failure = failure;
    });
    return live;
}

void ApiLab::schedule(JobId job, const std::string& device, WallTime when) {
    auto claim = [job, device, when](Database& db) {
        if (!Jobs{db}.schedule(job, device)) throw std::logic_error{"the job is not queued"};
        Devices{db}.reserve(device, job);
        return Leases{db}.insert(job, device, when);
    };
    leases_[job] = lab.write(std::move(claim));
}

void ApiLab::start(JobId job, WallTime when) {
    IngestBatch batch;
    batch.running = true;
    auto write = [lease = leases_.at(job), batch, when](Database& db) { store_batch(db, lease, batch, when); };
    lab.write(std::move(write));
}

void ApiLab::record(JobId job, const std::string& json, WallTime when) {
    IngestBatch batch;
    add_record(batch, json, config::parse_json(json), job);
    auto write = [lease = leases_.at(job), batch, when](Database& db) { store_batch(db, lease, batch, when); };
    lab.write(std::move(write));
}

void ApiLab::finish(JobId job, JobHealth health, WallTime when) {
    const auto lease = leases_.find(job);
    auto end = [=, held = lease != leases_.end()](Database& db) {
        Jobs{db}.finish(job, health, when);
        if (!held) return;
        Devices{db}.release(lease->second.device, job);
        Leases{db}.close(lease->second.id, lease->second.fence, when);
    };
    lab.write(std::move(end));
}

void ApiLab::update(JobId job) { events.publish(job); }

void ApiLab::set_next_id(const std::string& table, std::int64_t id) {
    auto set = [table, id](Database& db) {
        db.change("DELETE FROM sqlite_sequence WHERE name = $1", table);
        db.change("INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", table, id - 1);
    };
    lab.write(std::move(set));
}

void add_record(IngestBatch& batch, const std::string& line, const config::Value& record, JobId job) {
    const auto* level = record.find("lvl");
    if (level && *level == config::Value{"results"}) {
        add_result(batch, config::dump_flow(record), job);
        batch.lines.back() = line;
    } else {
        add_line(batch, line);
    }
}

std::string definition(const std::string& name, const std::string& more) {
    return "# kept as it is\njob_name: " + name +
           "\ndevice_type: qemu\nvisibility: public\npriority: medium\ntimeouts:\n  job: {minutes: 5}\n"
           "actions:\n- boot: {method: qemu, prompts: ['#']}\n" +
           more;
}

}  // namespace patchbay::testing
