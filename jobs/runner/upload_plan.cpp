// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/upload_plan.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/clock.hpp"
#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "jobs/journal/log_record.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

// How far LAVA lowers its limit when a body was too large.
constexpr std::size_t fewer = 100;

/// The offset behind the first `count` lines, at most the end.
std::size_t end_of_lines(std::string_view text, std::size_t count) {
    std::size_t at = 0;
    for (; count > 0 && at < text.size(); --count) at = std::min(text.find('\n', at), text.size() - 1) + 1;
    return at;
}

/// Whole lines from `offset`, `limit` bytes of them if that is at least one.
std::string read_lines(const std::filesystem::path& path, std::uint64_t offset, std::uint64_t end, std::size_t limit) {
    std::ifstream file{path, std::ios::binary};
    file.seekg(static_cast<std::streamoff>(offset));
    const auto left = static_cast<std::size_t>(end - offset);
    for (auto wanted = std::min(left, limit);; wanted = std::min(left, 2 * wanted)) {
        std::string text(wanted, '\0');
        file.seekg(static_cast<std::streamoff>(offset));
        if (!file.read(text.data(), static_cast<std::streamsize>(wanted))) {
            throw InfrastructureError{"cannot read " + path.string() + " back to upload it: " + std::strerror(errno)};
        }
        const auto stop = text.rfind('\n');
        if (stop == std::string::npos && wanted < left) continue;
        text.resize(stop == std::string::npos ? text.size() : stop + 1);
        return text;
    }
}

std::string note_of_refused_record() {
    std::string record = "- ";
    append_result_record(record, wall_now(), make_result("lava", "log-upload", "fail"));
    return record + "\n";
}

}  // namespace

UploadPlan::UploadPlan(std::filesystem::path log, std::string job, std::chrono::milliseconds first_pause)
    : log_{std::move(log)}, job_{std::move(job)}, first_pause_{first_pause} {}

std::string UploadPlan::next() {
    lines_ = read_lines(log_, offset_, size_, max_bytes);
    lines_.resize(end_of_lines(lines_, replaced_ ? 1 : limit_));
    sent_ = static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), '\n'));
    auto text = replaced_ ? note_of_refused_record() : lines_;
    if (!text.empty() && text.back() == '\n') text.pop_back();
    return "lines=" + percent_encode(text, Blank::as_plus) + "&index=" + std::to_string(index_);
}

std::chrono::milliseconds UploadPlan::answered(long status, std::string_view body) {
    if (status == 200) return accept(body);
    if (status == 413) return refused_as_too_large();
    if (status == 404) {
        try {
            const auto reply = config::parse_json(body);
            const auto* error = reply.find("error");
            gone_ = error && error->as_string() && *error->as_string() == "Unknown job '" + job_ + "'";
        } catch (const config::YamlError&) {  // some proxy's page: the server itself may be back soon
        }
        if (gone_) return {};
    }
    return failed();
}

std::chrono::milliseconds UploadPlan::accept(std::string_view body) {
    std::int64_t count = -1;
    try {
        const auto reply = config::parse_json(body);
        const auto* value = reply.find("line_count");
        if (value && value->as_int()) count = *value->as_int();
    } catch (const config::YamlError&) {  // no answer of a LAVA server
    }
    if (count < 0 || count > static_cast<std::int64_t>(sent_)) return failed();
    if (count == 0 && sent_ > 0) return failed();
    offset_ += end_of_lines(lines_, static_cast<std::size_t>(count));
    index_ += static_cast<std::uint64_t>(count);
    limit_ = max_records;
    replaced_ = false;
    failures_ = 0;
    return {};
}

std::chrono::milliseconds UploadPlan::refused_as_too_large() {
    if (replaced_) return failed();  // it refuses everything
    replaced_ = sent_ == 1;
    const auto tried = std::min(limit_, sent_);
    limit_ = tried > fewer ? tried - fewer : 1;
    return {};
}

std::chrono::milliseconds UploadPlan::failed() {
    constexpr int times[] = {1, 2, 4, 8, 12};
    return first_pause_ * times[std::min(failures_++, 4u)];
}

}  // namespace patchbay
