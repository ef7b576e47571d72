// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/shown_definitions.hpp"

#include "core/worker.hpp"
#include "daemon/store/jobs.hpp"
#include "daemon/store/store.hpp"
#include "jobs/definition/masking.hpp"

namespace patchbay {

namespace {

ShownDefinitions replaced(const JobRow& job, const MaskedTexts& masked) {
    return {masked.definition.value_or(job.definition), masked.original_definition.value_or(job.original_definition),
            masked.multinode_definition.value_or(job.multinode_definition)};
}

ShownDefinitions mask(const JobRow& job) {
    return replaced(job, {masked_text(job.definition), masked_text(job.original_definition),
                          masked_text(job.multinode_definition)});
}

}  // namespace

bool may_see_secrets(const JobRow& job, const std::optional<UserRow>& user) {
    return user && (user->superuser || user->name == job.submitter);
}

std::optional<ShownDefinitions> stored_definitions(Database& db, const JobRow& job,
                                                   const std::optional<UserRow>& user) {
    if (may_see_secrets(job, user) || !may_have_secrets(job.definition)) return replaced(job, {});
    const auto masked = Jobs{db}.masked_texts(job.id);
    if (!masked) return std::nullopt;
    return replaced(job, *masked);
}

ShownDefinitions shown_definitions(Database& db, const JobRow& job, const std::optional<UserRow>& user) {
    auto stored = stored_definitions(db, job, user);
    return stored ? std::move(*stored) : mask(job);
}

Task<ShownDefinitions> shown_definitions(Services& lab, const JobRow& job, const std::optional<UserRow>& user) {
    auto stored = stored_definitions(lab.store.reader(), job, user);
    if (stored) co_return std::move(*stored);
    auto work = [job] { return mask(job); };
    co_return co_await on_worker(lab.checkers, std::move(work));
}

Task<std::string> text_to_resubmit(Services& lab, const JobRow& job, const std::optional<UserRow>& user) {
    auto shown = co_await shown_definitions(lab, job, user);
    co_return std::move(shown.multinode_definition.empty() ? shown.definition : shown.multinode_definition);
}

}  // namespace patchbay
