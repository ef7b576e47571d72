// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/ingest.hpp"

#include "core/config/yaml.hpp"
#include "daemon/notify/announce.hpp"
#include "daemon/store/artifacts.hpp"
#include "daemon/store/changes.hpp"
#include "daemon/store/devices.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/sessions.hpp"
#include "jobs/results/case.hpp"

namespace patchbay {
namespace {

Outcome read_outcome(std::string_view payload) {
    Outcome outcome;
    try {
        const auto map = config::parse_json(payload);
        outcome.passed = config::string_or_empty(map.find("result")) == "pass";
        outcome.error_type = config::string_or_empty(map.find("error_type"));
        outcome.error_msg = config::string_or_empty(map.find("error_msg"));
        if (const auto* safe = map.find("safe")) outcome.safe = safe->as_bool() && *safe->as_bool();
    } catch (const config::YamlError& error) {
        // Its checksum was right, so a runner of ours wrote nonsense.
        outcome.error_type = to_string(ErrorType::bug);
        outcome.error_msg = std::string{"the runner's outcome cannot be read: "} + error.what();
    }
    return outcome;
}

// What one batch may tell everybody: an author who says more fills the log, not the listeners' lines.
constexpr std::size_t most_messages = 50;
constexpr std::size_t longest_message = 4096;

/// A line of the level that is told and stored as debug: clients know no other word for it.
void add_log(IngestBatch& batch, std::string record) {
    // Behind the time, whose length is fixed; what the target printed comes after it.
    constexpr std::string_view level = R"("lvl": "event")";
    const auto place = std::string_view{record}.substr(0, 64).find(level);
    if (place == std::string::npos) return add_line(batch, std::move(record));
    record.replace(place, level.size(), R"("lvl": "debug")");
    try {
        const auto line = config::parse_json(record);
        auto text = config::string_or_empty(line.find("msg"));
        if (batch.messages.size() < most_messages && text.size() <= longest_message)
            batch.messages.push_back(std::move(text));
    } catch (const config::YamlError&) {
        // Told to nobody; the line is kept as it is.
    }
    add_line(batch, std::move(record));
}

}  // namespace

void add_line(IngestBatch& batch, std::string record) { batch.lines.push_back(std::move(record)); }

void add_result(IngestBatch& batch, std::string record, JobId job) {
    try {
        const auto line = config::parse_json(record);
        static const config::Value nothing;
        const auto* message = line.find("msg");
        auto reading = read_case(message ? *message : nothing, job);
        if (reading.test_case) batch.cases.push_back(new_case(std::move(*reading.test_case)));
        if (!reading.comment.empty()) batch.comments.push_back(std::move(reading.comment));
    } catch (const config::YamlError& error) {
        batch.comments.push_back(std::string{"a result of the runner cannot be read: "} + error.what());
    }
    batch.lines.push_back(std::move(record));
}

IngestBatch read_batch(JournalReader& journal, std::int64_t offset, JobId job, std::size_t limit) {
    IngestBatch batch;
    const auto read = journal.read(static_cast<std::uint64_t>(offset), limit);
    batch.next = offset;
    for (const auto& record : read.records) {
        if (record.kind == RecordKind::outcome) {
            batch.outcome = read_outcome(record.payload);
            return batch;
        }
        switch (record.kind) {
            case RecordKind::log:
                add_log(batch, std::string{record.payload});
                break;
            case RecordKind::result:
                add_result(batch, std::string{record.payload}, job);
                break;
            case RecordKind::state:
                batch.running = true;
                break;
            case RecordKind::call:
                batch.calls.emplace_back(record.payload);
                break;
            case RecordKind::artifact:
                batch.artifacts.emplace_back(record.payload);
                break;
            case RecordKind::outcome:
                break;
        }
        batch.next = static_cast<std::int64_t>(record.end);
    }
    batch.more = read.tail == JournalReader::Tail::more;
    return batch;
}

void store_batch(Database& db, const LeaseRow& lease, const IngestBatch& batch, WallTime now) {
    Leases leases{db};
    if (!leases.set_offset(lease.id, lease.fence, batch.next))
        throw LeaseLost{"lease " + std::to_string(lease.id.value) + " of device " + lease.device +
                        ": closed or given to another"};
    Logs{db}.append(lease.job, batch.lines);
    Results results{db};
    for (auto row : batch.cases) {
        row.logged = now;
        results.add_case(lease.job, row);
    }
    Artifacts artifacts{db};
    for (const auto& piece : batch.artifacts) artifacts.add(lease.job, piece);
    Jobs jobs{db};
    for (const auto& comment : batch.comments) jobs.add_failure_comment(lease.job, comment);
    if (!batch.calls.empty()) {
        MultinodeGroups groups{db};
        const auto group = groups.group_of(lease.job);
        for (const auto& call : batch.calls)
            if (!group.empty()) groups.add_call(group, lease.job, call);
    }
    if (batch.running) {
        // No row when it is being cancelled: it does not go back.
        Devices{db}.start(lease.device, lease.job);
        if (jobs.start(lease.job, now)) announce(db, lease.job, now);
        Sessions{db}.begin(lease.job, now);
        leases.set_phase(lease.id, lease.fence, LeaseRow::Phase::running);
    }
    for (const auto& message : batch.messages) note_message(db, lease.job, message);
}

}  // namespace patchbay
