// SPDX-License-Identifier: Apache-2.0
#include "daemon/deliver/callback_body.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "daemon/api/exports/exports.hpp"
#include "daemon/api/jobs/shown_definitions.hpp"
#include "daemon/api/json_writer.hpp"
#include "daemon/deliver/payload.hpp"
#include "daemon/store/logs.hpp"
#include "daemon/store/results.hpp"

namespace patchbay {
namespace {

// A case has at most some KB of metadata.
constexpr std::int64_t cases_of_piece = 200;

Condition test_condition(std::string_view filter, std::int64_t value) {
    const auto found = *find_filter(QueryList::tests, filter);
    return {found.field, found.lookup, {value}, false, {}};
}

std::string json_string(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

}  // namespace

CallbackBody::CallbackBody(Database& db, const JobRow& job, const std::string& email, Dataset dataset, ContentType type)
    : db_{db},
      job_{job.id},
      type_{type},
      head_{payload_head(job, shown_definitions(db, job, std::nullopt).definition, email, type)} {
    if (dataset == Dataset::logs || dataset == Dataset::all) lines_ = Logs{db_}.line_count(job_);
    tells_results_ = dataset == Dataset::results || dataset == Dataset::all;
    if (!tells_results_) return;
    auto last = db_.run("SELECT COALESCE(MAX(id), 0) FROM test_case WHERE job = $1", job_);
    if (last->step()) last_case_ = last->integer(0);
    Query all;
    all.limit = -1;
    suites_ = Results{db_}.suites(job_, all);
}

void CallbackBody::rewind() {
    part_ = Part::head;
    line_ = case_ = 0;
    suite_ = 0;
    inside_ = false;
}

std::uint64_t CallbackBody::count() {
    std::uint64_t bytes = 0;
    for (auto piece = next(); !piece.empty(); piece = next()) bytes += piece.size();
    rewind();
    return bytes;
}

std::string CallbackBody::next() {
    while (part_ != Part::end) {
        if (auto piece = next_part(); !piece.empty()) return piece;
    }
    return {};
}

/// "" when the part at hand has no more; then the next one is at hand.
std::string CallbackBody::next_part() {
    switch (part_) {
        case Part::head:
            part_ = Part::log;
            return head_;
        case Part::log:
            return log_piece();
        case Part::suites:
            return results_piece();
        case Part::end:
            break;
    }
    return {};
}

std::string CallbackBody::log_piece() {
    const auto text = line_ < lines_ ? Logs{db_}.read(job_, line_, lines_, Logs::chunk_bytes) : std::string{};
    std::string piece;
    if (lines_ > 0 && !inside_) piece = is_json() ? ",\"log\":\"" : "&log=";
    inside_ = true;
    if (text.empty()) {  // all of it, or it is being removed
        if (lines_ > 0 && is_json()) piece += '"';
        if (tells_results_ && is_json()) piece += ",\"results\":{";
        inside_ = false;
        part_ = Part::suites;
        return piece;
    }
    line_ += std::count(text.begin(), text.end(), '\n');
    if (is_json()) {
        append_json_text(piece, text);
    } else {
        piece += percent_encode(text, Blank::as_plus);
    }
    return piece;
}

std::string CallbackBody::results_piece() {
    if (suite_ == suites_.size()) {
        part_ = Part::end;
        if (!is_json()) return {};
        return tells_results_ ? "}}" : "}";
    }
    if (!is_json()) return "&results=" + percent_encode(suites_[suite_++].name, Blank::as_plus);
    std::string piece;
    if (!inside_) piece = (suite_ > 0 ? "," : "") + json_string(suites_[suite_].name) + ":\"";
    inside_ = true;
    const auto cases = cases_of_suite();
    if (!cases.empty()) {
        append_json_text(piece, cases);
        return piece;
    }
    piece += '"';
    inside_ = false;
    case_ = 0;
    ++suite_;
    return piece;
}

/// The YAML of the next cases; a list of YAML goes on where another one ended.
std::string CallbackBody::cases_of_suite() {
    Query query;
    query.limit = cases_of_piece;
    query.conditions.push_back(test_condition("id__gt", case_));
    query.conditions.push_back(test_condition("id__lt", last_case_ + 1));
    const auto rows = Results{db_}.tests(job_, suites_[suite_].id, query);
    if (rows.empty()) return {};
    case_ = rows.back().id.value;
    return export_yaml(rows, job_);
}

}  // namespace patchbay
