// SPDX-License-Identifier: Apache-2.0
#include "daemon/attach/attachments.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/errors.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/store.hpp"
#include "daemon/store/users.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {

void Attachments::check(Services& lab) const {
    for (const auto& attach : lab.settings.attachments) {
        if (!attach.token_file.empty()) static_cast<void>(read_worker_token(attach.token_file));
        if (!Users{lab.store.reader()}.find(attach.user))
            throw ConfigurationError{"attach." + attach.name + ": there is no user '" + attach.user +
                                     "'; `patchbayd user add " + attach.user + "` makes it"};
        if (attach.server.starts_with("http://"))
            spdlog::warn(
                "tokens of an attachment are sent in the clear; https:// protects them attachment={} server={}",
                attach.name, attach.server);
    }
}

Task<> Attachments::start(Services& lab) {
    const auto& wanted = lab.settings.attachments;
    for (const auto& row : AttachedJobs{lab.store.reader()}.open()) {
        const auto is_this = [&](const AttachSettings& attach) { return attach.name == row.attachment; };
        if (std::any_of(wanted.begin(), wanted.end(), is_this)) continue;
        spdlog::warn("job of a server that is not configured any more is canceled attachment={} remote_job={} job={}",
                     row.attachment, row.remote, row.job.value);
        co_await lab.supervisor.cancel(row.job, "Attachment " + row.attachment + " is not configured any more");
        auto end = [id = row.id](Database& db) { AttachedJobs{db}.end(id, wall_now()); };
        co_await lab.store.write(std::move(end));
    }
    std::vector<std::string> names;
    for (const auto& attach : wanted) names.push_back(attach.name);
    auto keep = [names](Database& db) { AttachmentStates{db}.keep(names); };
    co_await lab.store.write(std::move(keep));
    for (const auto& attach : wanted) {
        all_.push_back(std::make_unique<Attachment>(io_, lab, attach));
        group_.spawn("attachment " + attach.name, all_.back()->run());
    }
}

Task<> Attachments::stop() {
    group_.cancel();
    for (auto& attachment : all_) co_await attachment->stop();
    co_await group_.join();
}

}  // namespace patchbay
