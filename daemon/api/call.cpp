// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/call.hpp"

#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/multinode_groups.hpp"
#include "daemon/store/store.hpp"

namespace patchbay {
namespace {

std::optional<std::int64_t> positive_number(std::string_view text) {
    const auto number = whole_number(text);
    return number && *number >= 0 ? number : std::nullopt;
}

}  // namespace

Viewer Call::viewer() const { return viewer_of(lab.store.reader(), user); }

std::int64_t path_number(const Call& call, std::size_t index) {
    const auto number = positive_number(call.path_values.at(index));
    if (!number) throw not_found();
    return *number;
}

std::optional<JobId> find_job_id(Database& db, std::string_view text) {
    MultinodeGroups groups{db};
    const auto dot = text.find('.');
    if (dot != text.npos) {
        if (const auto part = groups.find(text)) return part;
    }
    const auto number = positive_number(text.substr(0, dot));
    if (!number) return std::nullopt;
    const JobId job{*number};
    if (dot != text.npos && (text.substr(dot) != ".0" || !groups.group_of(job).empty())) return std::nullopt;
    return job;
}

JobRow find_job(const Call& call) {
    const auto id = find_job_id(call.lab.store.reader(), call.path_values.at(0));
    if (!id) throw not_found();
    auto job = Jobs{call.lab.store.reader()}.find(*id, call.viewer());
    if (!job) throw not_found();
    return std::move(*job);
}

}  // namespace patchbay
