// SPDX-License-Identifier: Apache-2.0
#pragma once
// Why a device's health is what it is.

#include <optional>
#include <string>
#include <utility>

#include "core/ids.hpp"

namespace patchbay {

/// In two parts: what everybody may read who sees the device, and what only those may who see the job.
struct HealthReason {
    HealthReason() = default;
    HealthReason(const char* words) : text{words} {}
    HealthReason(std::string words) : text{std::move(words)} {}
    HealthReason(std::string words, JobId of_job, std::string what_it_said = {})
        : text{std::move(words)}, job{of_job}, detail{std::move(what_it_said)} {}

    std::string text;  ///< "job 5 ended with error Infrastructure"
    std::optional<JobId> job;
    std::string detail;  ///< what went wrong with which adapter, and what to do; it may quote the job

    std::string whole() const { return detail.empty() ? text : text + ": " + detail; }
    bool operator==(const HealthReason&) const = default;
};

}  // namespace patchbay
