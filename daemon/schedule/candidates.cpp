// SPDX-License-Identifier: Apache-2.0
#include "daemon/schedule/candidates.hpp"

namespace patchbay {

Candidates::Candidates(Database& db, SharingView& view) : view_{view}, queue_{db, view.device_type()} {
    for (const auto submitter : queue_.submitters()) {
        if (!view_.refused(submitter)) allowed_.emplace_back(submitter, queue_.tag_sets(submitter));
    }
}

std::vector<QueueHead> Candidates::of(const std::string& device) {
    if (view_.special_devices().contains(device)) return heads_on(device);
    if (!ordinary_) ordinary_ = heads_on(device);  // the others are all alike
    return *ordinary_;
}

std::vector<QueueHead> Candidates::heads_on(const std::string& device) {
    if (const auto kept = view_.kept_for(device)) return {*kept};
    std::vector<QueueHead> heads;
    for (const auto& [submitter, tag_sets] : allowed_) {
        if (view_.kept_from(submitter, std::nullopt, device)) continue;
        const auto left = view_.time_left(submitter, device);
        if (left == std::chrono::seconds{0}) continue;
        for (const auto& tag_set : tag_sets)
            if (auto head = queue_.head(submitter, tag_set, left)) heads.push_back(std::move(*head));
    }
    for (const auto& job : view_.of_one_device())
        if (job.device == device && may_have(job)) heads.push_back(job.head);
    return heads;
}

bool Candidates::may_have(const OneDeviceJob& job) {
    const auto submitter = job.head.submitter;
    if (view_.refused(submitter) || view_.kept_from(submitter, job.head.job, job.device)) return false;
    const auto left = view_.time_left(submitter, job.device);
    return left != std::chrono::seconds{0} && fits(job.run_limit, left);
}

}  // namespace patchbay
