// SPDX-License-Identifier: Apache-2.0
// Where the links lead that lavacli prints and that SQUAD and KernelCI publish: what became of a job, and its log, each
// line with an anchor (#L12). No script, nothing from elsewhere.
#include "core/config/yaml.hpp"
#include "daemon/api/asker.hpp"
#include "daemon/api/exports/xml_text.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/jobs/log_pieces.hpp"
#include "daemon/store/results.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

// A browser that gets more than this of a log is no help; the file has all of it.
constexpr std::size_t most_bytes = 4 * 1024 * 1024;

constexpr std::string_view style =
    "body{font:14px sans-serif;margin:1em}td{padding:0 1em 0 0}pre{line-height:1.3}a{text-decoration:none}"
    "pre a{color:#999;display:inline-block;width:5em}.debug,.info,.input{color:#777}.error,.exception{color:#b00}"
    ".warning{color:#a60}.results{color:#069}:target{background:#ff9}";

void add_row(std::string& page, std::string_view name, std::string_view value) {
    if (!value.empty()) page.append("<tr><td>").append(name).append("<td>").append(xml_text(value)).append("\n");
}

void add_time(std::string& page, std::string_view name, const std::optional<WallTime>& time) {
    if (time) add_row(page, name, format_zoned_time(*time));
}

std::string head_of(const JobRow& job, Database& db) {
    const auto id = std::to_string(job.id.value);
    const auto title = xml_text(id + ": " + job.description);
    std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>" + title + "</title><style>";
    page.append(style).append("</style>\n<h1>").append(title).append("</h1>\n<table>\n");
    add_row(page, "state", to_string(job.state));
    add_row(page, "health", to_string(job.health));
    add_row(page, "submitter", job.submitter);
    add_row(page, "device type", job.requested_device_type.value_or(""));
    add_row(page, "device", job.actual_device.value_or(""));
    add_row(page, "priority", std::to_string(job.priority));
    add_time(page, "submitted", job.submit_time);
    add_time(page, "started", job.start_time);
    add_time(page, "ended", job.end_time);
    add_row(page, "comment", job.failure_comment.value_or(""));
    if (const auto verdict = Results{db}.job_verdict(job.id); verdict && verdict->result == CaseResult::fail)
        add_row(page, "error", verdict->metadata);
    page += "</table>\n<p>";
    for (const auto& [name, path] : {std::pair{"definition", "/scheduler/job/" + id + "/definition/plain"},
                                     std::pair{"log", "/scheduler/job/" + id + "/log_file/plain"},
                                     std::pair{"results", "/results/" + id + "/yaml"}})
        page += "<a href=\"" + path + "\">" + name + "</a> ";
    return page + "\n<pre>\n";
}

std::string message_of(const config::Value& record) {
    const auto* message = record.find("msg");
    if (!message) return {};
    if (const auto* text = message->as_string()) return *text;
    return config::python_str(*message);
}

/// `line`: "- {...}".
std::string html_of(std::string_view line, std::int64_t number) {
    std::string level, text;
    try {
        const auto record = config::parse_json(std::string{line.substr(2)});
        level = config::string_or_empty(record.find("lvl"));
        text = message_of(record);
    } catch (const config::YamlError&) {
        text = line;  // not one of ours
    }
    const auto anchor = "L" + std::to_string(number);
    return "<span id=\"" + anchor + "\" class=\"" + xml_text(level) + "\"><a href=\"#" + anchor + "\">" +
           std::to_string(number) + "</a>" + xml_text(text) + "</span>\n";
}

std::string html_of_lines(std::string_view lines, std::int64_t& number) {
    std::string out;
    while (!lines.empty()) {
        const auto line = lines.substr(0, lines.find('\n'));
        out += html_of(line, number++);
        lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    }
    return out;
}

/// Without a log: it was removed. Cut off for who does not see the job any more.
Task<> write_page(BodyWriter& out, std::string head, std::optional<LogPieces> log, JobId job, Asker asker) {
    co_await out.write(std::move(head));
    std::int64_t number = 0;
    std::size_t bytes = 0;
    while (log && !log->done() && bytes < most_bytes) {
        if (!asker.sees(job)) throw StoreError{"log: its reader may not see the job any more"};
        const auto piece = log->next();
        bytes += piece.size();
        auto html = html_of_lines(piece, number);
        co_await out.write(std::move(html));
    }
    std::string tail = "</pre>\n";
    if (!log) tail += "<p>The log was removed: this lab keeps logs for a limited time.\n";
    if (log && !log->done()) tail += "<p>The log goes on; the file has all of it.\n";
    co_await out.write(std::move(tail));
}

}  // namespace

Task<Response> job_page(Call& call) {
    const auto job = find_job(call);
    std::optional<LogPieces> log;
    if (!job.log_removed) log.emplace(call.lab, job, 0, std::nullopt);
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    response.stream = [head = head_of(job, call.lab.store.reader()), log, id = job.id,
                       asker = Asker{call}](BodyWriter& out) { return write_page(out, head, log, id, asker); };
    co_return response;
}

}  // namespace patchbay
