// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/recorded_lab.hpp"

#include <algorithm>
#include <sstream>

#include "daemon/api/times.hpp"
#include "daemon/lab/lab_devices.hpp"
#include "daemon/store/passwords.hpp"
#include "tests/core/config/typed_json.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"

namespace patchbay::testing {
namespace {

std::string text_at(const config::Value& object, std::string_view key) {
    const auto* value = object.find(key);
    return value && value->is_string() ? *value->as_string() : std::string{};
}

std::optional<WallTime> time_at(const config::Value& object, std::string_view key) {
    const auto text = text_at(object, key);
    return text.empty() ? std::nullopt : parse_time(text);
}

template <class Enum>
Enum word(const std::string& text, int last) {
    for (int value = 0; value <= last; ++value) {
        if (to_string(static_cast<Enum>(value)) == text) return static_cast<Enum>(value);
    }
    throw std::runtime_error{"no such word: " + text};
}

ConfiguredDevice recorded_device(const std::string& hostname, const std::string& mac) {
    auto device = a_device(hostname);
    device.worker_host = "peer-worker";
    DeviceEntry entry;
    entry.name = hostname;
    entry.variables.set("no_kvm", true);
    entry.variables.set("memory", 512);
    entry.variables.set("mac_addr", mac);
    entry.variables.set("extra_options", config::List{"-accel tcg", "-cpu max"});
    device.configuration = format_device_configuration(entry);
    return device;
}

/// Another job took the numbers in between.
void skip_ids(Database& db, const config::Value& next) {
    constexpr auto sql = "UPDATE sqlite_sequence SET seq = $1 WHERE name = $2";
    db.change(sql, *next.find("id")->as_int() - 1, "test_case");
    db.change(sql, *next.find("suite")->as_int() - 1, "suite");
}

bool is_job(const config::Value& value) { return value.find("original_definition") && value.find("health_check"); }
bool is_device(const config::Value& value) { return value.find("last_health_report_job") != nullptr; }

}  // namespace

RecordedLab::RecordedLab(std::string name) : name_{std::move(name)} {
    lab.settings.events.zmq = ZmqSettings{"tcp://127.0.0.1:5500"};
    lab.add_user("admin", true);
    auto joes_password = [joe = lab.add_user("joe")](Database& db) {
        Passwords{db}.set(joe, hash_password("peer-joe-pw"));
    };
    lab.lab.write(std::move(joes_password));
    lab.add_user("lava-health");
    add_group(lab.lab, "lava-health");  // built into LAVA
    lab.lab.add_devices(
        {recorded_device("qemu-01", "52:54:00:12:34:01"), recorded_device("qemu-02", "52:54:00:12:34:02")});
    for (const auto& exchange : read_exchanges(name_)) {
        if (exchange.name == "objects/jobs-limit-huge") add_recorded_jobs(config::parse_json(*exchange.answer));
        if (exchange.name == "errors/get-if-none-match") add_recorded_job(config::parse_json(*exchange.answer));
    }
}

/// The jobs that the recorded server had at the end.
void RecordedLab::add_recorded_jobs(const config::Value& page) {
    auto jobs = *page.find("results")->as_list();
    std::sort(jobs.begin(), jobs.end(), [](const auto& left, const auto& right) {
        return *left.find("id")->as_int() < *right.find("id")->as_int();
    });
    for (const auto& job : jobs) add_recorded_job(job);
}

void RecordedLab::add_recorded_job(const config::Value& recorded) {
    lab.set_next_id("job", *recorded.find("id")->as_int());
    NewJob job;
    job.submitter = Users{lab.lab.reader()}.find(text_at(recorded, "submitter"))->id;
    job.description = text_at(recorded, "description");
    job.health_check = *recorded.find("health_check")->as_bool();
    job.requested_device_type = text_at(recorded, "requested_device_type");
    job.priority = static_cast<int>(*recorded.find("priority")->as_int());
    job.definition = text_at(recorded, "definition");
    job.original_definition = text_at(recorded, "original_definition");
    if (!recorded.find("viewing_groups")->as_list()->empty()) job.visibility = Visibility::personal;
    lab.lab.add_job(job, *time_at(recorded, "submit_time"));
    bring_job_to(recorded);
}

/// The lab has made the job by itself.
void RecordedLab::add_health_check(const config::Value& recorded) {
    if (!Jobs{lab.lab.reader()}.find(JobId{*recorded.find("id")->as_int()})) add_recorded_job(recorded);
}

void RecordedLab::bring_job_to(const config::Value& recorded) {
    const JobId id{*recorded.find("id")->as_int()};
    if (!Jobs{lab.lab.reader()}.find(id)) return;
    auto submitted = [id, when = *time_at(recorded, "submit_time")](Database& db) {
        db.change("UPDATE job SET submit_time = $1 WHERE id = $2", when, id);
    };
    lab.lab.write(std::move(submitted));
    take_group_name(id, recorded);
    const auto state = word<JobState>(text_at(recorded, "state"), 5);
    const auto device = text_at(recorded, "actual_device");
    const auto started = time_at(recorded, "start_time"), ended = time_at(recorded, "end_time");
    if (!device.empty() && lab.job(id).state == JobState::submitted) lab.schedule(id, device);
    if (started && !device.empty() && lab.job(id).state < JobState::running) lab.start(id, *started);
    if (state == JobState::finished) {
        ingest_log(id);
        const auto health = word<JobHealth>(text_at(recorded, "health"), 3);
        if (lab.job(id).state != JobState::finished) lab.finish(id, health, *ended);
    }
    auto times = [id, started, ended](Database& db) {
        db.change("UPDATE job SET start_time = $1, end_time = $2 WHERE id = $3", started, ended, id);
    };
    lab.lab.write(std::move(times));
}

/// The definitions of a multinode job name its group, and when it has begun the roles of all.
void RecordedLab::take_group_name(JobId id, const config::Value& recorded) {
    if (lab.job(id).target_group.empty()) return;
    auto set = [id, definition = text_at(recorded, "definition"),
                original = text_at(recorded, "original_definition")](Database& db) {
        db.change("UPDATE job_text SET definition = $1, original_definition = $2 WHERE job = $3", definition, original,
                  id);
    };
    lab.lab.write(std::move(set));
}

/// A device's history is not ours to replay: health and last health check are set as they were.
void RecordedLab::bring_device_to(const config::Value& recorded) {
    auto set = [&](Database& db) {
        const auto* check = recorded.find("last_health_report_job")->as_int();
        db.change("UPDATE device SET health = $1, last_health_report_job = $2 WHERE hostname = $3",
                  word<DeviceHealth>(text_at(recorded, "health"), 5),
                  check ? std::optional{*check} : std::optional<std::int64_t>{}, text_at(recorded, "hostname"));
        if (name_ != "h-health") return;
        // Devices were being checked by jobs that nobody asked about.
        db.change("UPDATE device SET state = $1 WHERE hostname = $2", word<DeviceState>(text_at(recorded, "state"), 2),
                  text_at(recorded, "hostname"));
    };
    lab.lab.write(std::move(set));
}

/// The recorded log, line by line; each result gets the time and, with those before it, the number that it had.
void RecordedLab::ingest_log(JobId job) {
    if (!lab.job(job).actual_device) return;  // it was canceled in the queue
    const auto sub_id = lab.job(job).sub_id;
    const auto part = sub_id.empty() ? "" : "node" + sub_id.substr(sub_id.find('.') + 1) + "-";
    const auto log = golden_file(name_) / (name_ == "errors" ? "get-gzip-logs.yaml" : part + "logs.yaml");
    const auto tests = golden_file(name_) / (part + "tests.json");
    if (name_ == "h-health" && !ingested_.empty()) return;  // that of the second check is not recorded
    if (!std::filesystem::exists(log) || !ingested_.insert(job).second) return;
    config::List recorded;
    if (std::filesystem::exists(tests)) recorded = *config::parse_json(read_text(tests)).find("results")->as_list();
    std::sort(recorded.begin(), recorded.end(), [](const auto& left, const auto& right) {
        return *left.find("id")->as_int() < *right.find("id")->as_int();
    });
    if (!recorded.empty()) {
        lab.set_next_id("test_case", *recorded.front().find("id")->as_int());
        lab.set_next_id("suite", *recorded.front().find("suite")->as_int());
    }
    auto ingest = [&](Database& db) {
        std::size_t stored = 0;
        std::istringstream lines{read_text(log)};
        for (std::string line; std::getline(lines, line);) {
            const auto record = config::parse_yaml(line).as_list()->front();
            IngestBatch batch;
            add_record(batch, line.substr(2), record, job);
            const auto when = stored < recorded.size() ? time_at(recorded[stored], "logged") : WallTime{};
            if (name_ == "h-health" && !batch.cases.empty()) skip_ids(db, recorded.at(stored));
            store_batch(db, lab.lease(job), batch, *when);
            stored += batch.cases.size();
        }
    };
    lab.lab.write(std::move(ingest));
    if (!sub_id.empty()) renumber(job, recorded);
}

/// The jobs of a group ran at the same time, so the numbers of their cases and suites are mixed. By way of negative
/// ones, which nothing has.
void RecordedLab::renumber(JobId job, const config::List& recorded) {
    auto change = [&](Database& db) {
        db.execute("PRAGMA defer_foreign_keys = ON");
        std::vector<std::pair<std::int64_t, std::int64_t>> cases;
        for (auto row = db.run("SELECT id, suite FROM test_case WHERE job = $1 ORDER BY id", job); row->step();)
            cases.emplace_back(row->integer(0), row->integer(1));
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const auto id = *recorded.at(i).find("id")->as_int(), suite = *recorded[i].find("suite")->as_int();
            db.change("UPDATE test_case SET id = $1, suite = $2 WHERE id = $3", -id, -suite, cases[i].first);
            db.change("UPDATE suite SET id = $1 WHERE id = $2", -suite, cases[i].second);
        }
        db.change("UPDATE test_case SET id = -id, suite = -suite WHERE job = $1", job);
        db.change("UPDATE suite SET id = -id WHERE job = $1", job);
    };
    lab.lab.write(std::move(change));
}

void RecordedLab::prepare(const Exchange& exchange) {
    if (exchange.name == "f-cancel/cancel-anonymous") {  // the recorder had waited until the job ran
        lab.schedule(JobId{42}, "qemu-02");
        lab.start(JobId{42});
    }
    if (!exchange.answer || exchange.type != "application/json" || exchange.answer->empty()) return;
    const auto answer = config::parse_json(*exchange.answer);
    if (is_job(answer) && name_ == "h-health") add_health_check(answer);
    if (is_job(answer)) bring_job_to(answer);
    if (is_device(answer)) bring_device_to(answer);
    if (const auto* results = answer.find("results"); results && results->is_list()) {
        for (const auto& row : *results->as_list()) {
            if (is_device(row)) bring_device_to(row);
        }
    }
    const auto* ids = answer.find("job_ids");
    if (!ids || !ids->is_list()) return;
    const auto& first = ids->as_list()->front();
    if (first.as_int()) lab.set_next_id("job", *first.as_int());
    if (first.as_string()) lab.set_next_id("job", std::stoll(*first.as_string()));  // "45.0"
}

ApiAnswer RecordedLab::replay(const Exchange& exchange) {
    prepare(exchange);
    std::string headers = "Host: 127.0.0.1:18000\r\n";
    for (auto header : exchange.headers) {
        for (const std::string user : {"admin", "joe"}) {
            const auto hole = "<" + user + "-token>";
            if (const auto at = header.find(hole); at != std::string::npos)
                header.replace(at, hole.size(), lab.token(user));
        }
        if (header.starts_with("Host: ")) headers.clear();
        headers += header + "\r\n";
    }
    return lab.send(exchange.method, exchange.target, headers, exchange.body);
}

}  // namespace patchbay::testing
