// SPDX-License-Identifier: Apache-2.0
#include "cli/http/lab.hpp"

#include <algorithm>
#include <map>

#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "core/text.hpp"

namespace patchbay::cli {
namespace {

constexpr auto api = "/api/v0.2/";

std::string request_body(const std::string& definition) {
    config::Map out;
    put(out, "definition", definition);
    return config::dump_json(config::Value{std::move(out)});
}

std::string device_path(const std::string& device) {
    return std::string{api} + "devices/" + percent_encode(device) + "/";
}

bool success(const HttpAnswer& answer) { return answer.status >= 200 && answer.status < 300; }

// What the server keeps beside a case is YAML text; error_type and error_msg are in there.
TestCase case_from_answer(const config::Value& item, const std::map<std::int64_t, std::string>& suites) {
    TestCase out;
    const auto suite = suites.find(int_at(item, "suite").value_or(0));
    out.suite = suite == suites.end() ? text_at(item, "suite") : suite->second;
    out.name = text_at(item, "name");
    out.result = text_at(item, "result");
    out.measurement = text_at(item, "measurement");
    out.unit = out.measurement.empty() ? "" : text_at(item, "unit");
    const auto metadata = text_at(item, "metadata");
    if (metadata.empty()) return out;
    try {
        const auto message = config::parse_yaml(metadata);
        out.set = text_at(message, "set");
        out.error_type = text_at(message, "error_type");
        out.error_msg = text_at(message, "error_msg");
    } catch (const config::YamlError&) {
        // The result stands without what was noted beside it.
    }
    return out;
}

}  // namespace

void check_job_id(const std::string& id) {
    const auto digits = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    const std::string_view text{id};
    const auto dot = text.find('.');
    if (digits(text.substr(0, dot)) && (dot == std::string_view::npos || digits(text.substr(dot + 1)))) return;
    throw UserError{"'" + id + "' is not a job id; ids look like 42 or 42.1 (patchbay jobs lists them)"};
}

std::string job_path(const std::string& id, std::string_view what) {
    std::string out = std::string{api} + "jobs/" + id + "/";
    if (!what.empty()) out += std::string{what} + "/";
    return out;
}

std::string error_text(const HttpAnswer& answer) {
    try {
        const auto body = config::parse_json(answer.body);
        if (auto text = text_at(body, "detail"); !text.empty()) return text;
        if (auto text = text_at(body, "message"); !text.empty()) return text;
        if (const auto* fields = body.as_map()) {
            std::string out;
            for (const auto& [key, value] : *fields) {
                const auto* list = value.as_list();
                out += (out.empty() ? "" : "; ") + as_text(key) + ": " +
                       as_text(list && !list->empty() ? list->front() : value);
            }
            if (!out.empty()) return out;
        }
    } catch (const config::YamlError&) {
        // an HTML page of a proxy, most likely
    }
    return "HTTP status " + std::to_string(answer.status);
}

void expect_success(const HttpAnswer& answer, const std::string& what, const std::string& server) {
    if (success(answer)) return;
    const auto text = error_text(answer);
    if (answer.status == 403 || answer.status == 401)
        throw UserError{what + ": " + server + " refused: " + text +
                        " Give a token that may do it (PATCHBAY_TOKEN, --token-file or `token:` in cli.yaml)."};
    if (answer.status == 404) throw UserError{what + ": not found at " + server + ", or not visible to you"};
    if (answer.status >= 300 && answer.status < 400)
        throw UserError{what + ": " + server +
                        " redirects elsewhere; name that address (perhaps https://) with --server"};
    const auto message = what + ": " + server + " answered: " + text;
    if (answer.status >= 502 && answer.status <= 504) throw ConnectionError{message};  // a proxy without its server
    throw UserError{message};
}

config::Value Lab::get(const std::string& path, const std::string& what) {
    const auto answer = http_->get(path);
    expect_success(answer, what, http_->server());
    return parse_answer(answer.body, http_->server() + path);
}

Lab::Submitted Lab::created(const HttpAnswer& answer, const std::string& what) {
    if (answer.status == 400) throw Rejected{error_text(answer)};
    if (answer.status == 413) throw Rejected{"the definition is too large for this server"};
    if (answer.status == 502 || answer.status == 504)  // a proxy that has no answer of the server behind it
        throw ConnectionError{what + ": " + http_->server() + " answered: " + error_text(answer) +
                              std::string{may_have_been_taken}};
    expect_success(answer, what, http_->server());
    const auto body = parse_answer(answer.body, what);
    Submitted submitted;
    for (const auto& id : list_at(body, "job_ids")) submitted.jobs.push_back(as_text(id));
    if (submitted.jobs.empty()) throw UserError{what + ": " + http_->server() + " took it but named no job id"};
    submitted.portable_job = text_at(body, "portable_job");
    return submitted;
}

Lab::Submitted Lab::submit(const std::string& definition) {
    return created(http_->post(std::string{api} + "jobs/", request_body(definition)), "submit");
}

Lab::Submitted Lab::resubmit(const std::string& id) {
    return created(http_->post(job_path(id, "resubmit"), "{}"), "job " + id);
}

config::Value Lab::portable_job(const std::string& name) {
    constexpr std::string_view prefix = "portable:";
    std::string number;
    if (name.starts_with(prefix)) {
        number = name.substr(prefix.size());
        if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos)
            throw UserError{"'" + name +
                            "' is no portable job; they are named like portable:3, as patchbay submit says"};
    } else {
        check_job_id(name);
        number = text_at(job(name), "portable_job");
        if (number.empty())
            throw UserError{"job " + name + " is no part of a portable job; see its results with: patchbay results " +
                            name};
    }
    return get(std::string{api} + "portable_jobs/" + number + "/", "portable job " + number);
}

void Lab::cancel(const std::string& id) {
    // GET is what LAVA 2023.01 knows; POST is answered with 405 there.
    expect_success(http_->get(job_path(id, "cancel")), "job " + id, http_->server());
}

config::Value Lab::job(const std::string& id) { return get(job_path(id), "job " + id); }

config::Value Lab::reserve(const std::string& device, config::Map fields) {
    const auto path = device_path(device) + "reserve/";
    const auto answer = http_->post(path, config::dump_json(config::Value{std::move(fields)}));
    expect_success(answer, "device " + device, http_->server());
    return parse_answer(answer.body, http_->server() + path);
}

void Lab::release(const std::string& device) {
    expect_success(http_->post(device_path(device) + "release/", "{}"), "device " + device, http_->server());
}

config::Value Lab::why(const std::string& id) { return get(job_path(id, "why"), "job " + id); }

Report Lab::report(const std::string& id) {
    const auto object = job(id);
    Report out;
    out.job = id;
    out.title = text_at(object, "description");
    out.device = text_at(object, "actual_device");
    out.state = text_at(object, "state");
    out.health = text_at(object, "health");
    out.duration = seconds_between(text_at(object, "start_time"), text_at(object, "end_time"));
    std::map<std::int64_t, std::string> suites;
    for (const auto& suite : list(job_path(id, "suites"), "", 0))
        suites[int_at(suite, "id").value_or(0)] = text_at(suite, "name");
    for (const auto& item : list(job_path(id, "tests"), "", 0)) add_case(out, case_from_answer(item, suites));
    if (out.error_msg.empty()) out.error_msg = text_at(object, "failure_comment");
    return out;
}

std::string Lab::suite_id(const std::string& id, const std::string& name) {
    std::string names;
    for (const auto& suite : list(job_path(id, "suites"), "", 0)) {
        if (text_at(suite, "name") == name) return text_at(suite, "id");
        names += (names.empty() ? "" : ", ") + text_at(suite, "name");
    }
    throw UserError{"job " + id + ": no suite '" + name + "'" + (names.empty() ? "" : "; it has " + names)};
}

std::string Lab::log(const std::string& id, long long start) {
    const auto answer = http_->get(job_path(id, "logs") + "?start=" + std::to_string(start));
    if (answer.status == 404 && answer.body.find("was removed") != std::string::npos)
        throw UserError{"log of job " + id + ": was removed; that lab keeps logs for a limited time"};
    if (answer.status == 404) return {};  // LAVA's word for "nothing there yet"
    expect_success(answer, "log of job " + id, http_->server());
    return answer.body;
}

std::string Lab::document(const std::string& id, const std::string& what) {
    auto answer = http_->get(job_path(id, what));
    expect_success(answer, "job " + id, http_->server());
    return std::move(answer.body);
}

config::List Lab::list(const std::string& path, const std::string& query, std::size_t limit) {
    constexpr std::size_t page = 500;
    const auto what = path.substr(std::string_view{api}.size(), path.size() - std::string_view{api}.size() - 1);
    // Newest first, every job that is submitted meanwhile pushes the others on: the next page begins at an id.
    const bool newest_first = query.starts_with("ordering=-id");
    config::List out;
    for (;;) {
        const auto want = limit ? std::min(page, limit - out.size()) : page;
        auto url = path + "?" + query + (query.empty() ? "" : "&") + "limit=" + std::to_string(want);
        if (!newest_first)
            url += "&offset=" + std::to_string(out.size());
        else if (!out.empty())
            url += "&id__lt=" + text_at(out.back(), "id");
        const auto answer = get(url, what);
        const auto& items = list_at(answer, "results");
        out.insert(out.end(), items.begin(), items.end());
        const auto* next = answer.find("next");
        if (items.empty() || !next || next->is_null() || (limit && out.size() >= limit)) return out;
    }
}

std::string Lab::user() { return text_at(get(std::string{api} + "system/whoami/", "whoami"), "user"); }
std::string Lab::version() { return text_at(get(std::string{api} + "system/version/", "version"), "version"); }

}  // namespace patchbay::cli
