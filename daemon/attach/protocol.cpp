// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/protocol.hpp"

#include <algorithm>

#include "core/config/yaml.hpp"

namespace patchbay {
namespace {

constexpr std::size_t longest_token = 256;
constexpr std::size_t longest_error = 300;
// One number and one token each: more than any worker has devices.
constexpr std::size_t most_jobs = 10'000;

config::Value parse(std::string_view what, std::string_view body, std::size_t bytes) {
    try {
        return config::parse_json(body, {bytes, 16, 100'000});
    } catch (const config::YamlError& error) {
        throw BadAnswer{std::string{what} + " is no JSON (" + error.what() + "); is it a LAVA server's URL?"};
    }
}

bool fits_header(std::string_view token) {
    const auto unfit = [](unsigned char c) { return c <= 0x20 || c >= 0x7F; };
    return !token.empty() && token.size() <= longest_token && std::none_of(token.begin(), token.end(), unfit);
}

std::vector<RemoteJob> read_jobs(const config::Value& answer, std::string_view key) {
    const auto bad = [key](const char* what) {
        return BadAnswer{"the answer to the ping: '" + std::string{key} + "' " + what};
    };
    const auto* value = answer.find(key);
    const auto* list = value ? value->as_list() : nullptr;
    if (!list) throw bad("is no list");
    if (list->size() > most_jobs) throw bad("has more than 10000 jobs");
    std::vector<RemoteJob> jobs;
    for (const auto& entry : *list) {
        const auto* id = entry.find("id");
        const auto* number = id ? id->as_int() : nullptr;
        const auto token = config::string_or_empty(entry.find("token"));
        if (!number || *number < 1) throw bad("has a job without a number");
        if (!fits_header(token)) throw bad("has a job whose token no header can carry");
        jobs.push_back({*number, token});
    }
    return jobs;
}

std::string required_text(const config::Value& answer, std::string_view key) {
    const auto* value = answer.find(key);
    const auto* text = value ? value->as_string() : nullptr;
    if (!text) throw BadAnswer{"the job as the server sends it has no text '" + std::string{key} + "'"};
    return *text;
}

}  // namespace

PingAnswer read_ping(std::string_view body) {
    const auto answer = parse("the answer to the ping", body, longest_ping);
    return {read_jobs(answer, "cancel"), read_jobs(answer, "running"), read_jobs(answer, "start")};
}

RemoteJobFiles read_job_files(std::string_view body) {
    const auto answer = parse("the job as the server sends it", body, longest_job);
    return {required_text(answer, "definition"), required_text(answer, "device")};
}

std::int64_t read_line_count(std::string_view body, std::int64_t sent) {
    const auto answer = parse("the answer to lines of a log", body, longest_word);
    const auto* value = answer.find("line_count");
    const auto* count = value ? value->as_int() : nullptr;
    if (!count || *count < 0 || *count > sent)
        throw BadAnswer{"the answer to lines of a log has no line_count from 0 to " + std::to_string(sent)};
    return *count;
}

std::string read_error(std::string_view body) {
    try {
        const auto answer = config::parse_json(body, {longest_word, 16, 1000});
        auto text = config::string_or_empty(answer.find("error"));
        if (text.size() > longest_error) text.resize(longest_error);
        return text;
    } catch (const config::YamlError&) {  // a proxy's page
        return {};
    }
}

bool is_unknown_job(long status, std::string_view body, std::int64_t job) {
    return status == 404 && read_error(body) == "Unknown job '" + std::to_string(job) + "'";
}

std::string wanted_version(std::string_view error) {
    // Version mismatch '<ours>' vs '<the server's>'
    constexpr std::string_view start = "Version mismatch '", between = "' vs '";
    const auto middle = error.find(between);
    if (!error.starts_with(start) || middle == std::string_view::npos || !error.ends_with('\'')) return {};
    error.remove_prefix(middle + between.size());
    error.remove_suffix(1);
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
               c == '_';
    };
    if (error.size() > 64 || !std::all_of(error.begin(), error.end(), fits)) return {};
    return std::string{error};
}

std::string read_registration(std::string_view body) {
    const auto answer = parse("the answer to the registration", body, longest_word);
    auto token = config::string_or_empty(answer.find("token"));
    if (!fits_header(token)) throw BadAnswer{"the answer to the registration has no token that a header can carry"};
    return token;
}

std::string read_shown_device(std::string_view body) {
    return config::string_or_empty(parse("the job as everybody sees it", body, longest_job).find("actual_device"));
}

ServerEvent read_event(std::string_view text, std::string_view worker) {
    ServerEvent event;
    try {
        const auto message = config::parse_json(text, {longest_ping, 16, 1000});
        event.refusal = config::string_or_empty(message.find("error")).substr(0, longest_error);
        const auto* parts = message.as_list();
        if (!parts || parts->size() != 5) return event;
        const auto* data_text = parts->at(4).as_string();
        if (!data_text || !config::string_or_empty(&parts->at(0)).ends_with(".testjob")) return event;
        const auto data = config::parse_json(*data_text, {longest_ping, 16, 1000});
        const auto* job = data.find("job");
        const auto* number = job ? job->as_int() : nullptr;
        if (!number || *number < 1 || config::string_or_empty(data.find("worker")) != worker) return event;
        event.job = *number;
        event.device = config::string_or_empty(data.find("device"));
        const auto state = config::string_or_empty(data.find("state"));
        event.calls = state == "Scheduled" || state == "Canceling";
    } catch (const config::YamlError&) {
    }
    return event;
}

std::string device_hostname(std::string_view description) {
    try {
        const auto device = config::parse_yaml(description, {longest_job, 100, 200'000});
        return config::string_or_empty(device.find("hostname"));
    } catch (const config::YamlError&) {
        return {};
    }
}

std::string form_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size() + text.size() / 2);
    for (const unsigned char c : text) {
        const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        if (plain) {
            out += static_cast<char>(c);
        } else if (c == ' ') {
            out += '+';
        } else {
            out += '%';
            out += digits[c >> 4];
            out += digits[c & 15];
        }
    }
    return out;
}

}  // namespace patchbay
