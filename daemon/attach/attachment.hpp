// SPDX-License-Identifier: Apache-2.0
#pragma once
// One LAVA server whose jobs our devices run. For it we are a worker; here its jobs wait in the queue like all others.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <map>
#include <set>
#include <stop_token>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"
#include "daemon/attach/plan.hpp"
#include "daemon/attach/remote_definition.hpp"
#include "daemon/attach/report.hpp"
#include "daemon/attach/retry.hpp"
#include "daemon/attach/worker_client.hpp"
#include "daemon/lab/attach_settings.hpp"
#include "daemon/services.hpp"
#include "daemon/store/attachment_states.hpp"
#include "daemon/store/events.hpp"

namespace patchbay {

class Attachment {
public:
    /// One blocking request each: a server that is slow holds up nobody but itself.
    static constexpr std::size_t threads = 4;
    /// A list may be made while a job comes or goes: one that two in a row do not name is gone.
    static constexpr int lists_without = 2;

    Attachment(asio::any_io_executor io, Services& lab, AttachSettings settings, AttachTimes times = {});
    ~Attachment();
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

    /// Asks for news and reports until cancelled; goes on with what an earlier daemon had begun. Spawned once.
    Task<> run();
    /// Breaks off what is being sent, which the next daemon sends again. Done when: nothing of it runs any more.
    Task<> stop();

private:
    struct Reporter;

    Task<> ask();
    Task<std::string> worker_token();
    Task<> listen();
    void listens();
    void hear(const std::string& text);
    void does_not_listen(const std::string& problem);
    void wake();
    Task<> wait_for_news();
    void note_state();
    Task<> write_state(AttachmentState state);
    Task<> act(PingAnswer answer, WallTime asked);
    Task<> cancel(AttachedJobRow row, std::string reason);
    Task<> miss(std::vector<AttachedJobRow> rows);
    Task<> repeat(AttachedJobRow row);
    Task<> begin(RemoteJob remote);
    Task<> take(RemoteJob remote);
    std::optional<AttachedJobId> same_job(const RemoteJob& remote, const RemoteJobFiles& files);
    Task<std::string> ask_for_device(RemoteJob remote);
    Task<> submit(RemoteJob remote, RemoteDefinition definition, UserId user);
    Task<> refuse(RemoteJob remote, RemoteDefinition definition, UserId user);
    Task<> end_unknown(RemoteJob remote);
    void follow_open_jobs();
    Task<> follow(AttachedJobId id);
    Task<bool> report(Reporter& reporter);
    Task<> note_answer(Reporter& reporter, AttachedJobRow row, Report report, ServerReply reply);
    bool is_given_up(const AttachedJobRow& row) const;
    Task<> end(AttachedJobRow row, std::string why);
    void answered();
    void say(const std::string& problem);

    Services& lab_;
    AttachSettings settings_;
    AttachTimes times_;
    std::string version_;  ///< ours as the server wants it
    asio::thread_pool pool_{threads};
    std::stop_source stop_;
    WorkerClient client_;
    AttachmentState state_, noted_;  ///< problem: of the last question; noted_: as stored
    Timer news_;                     ///< until the next question; cancelled by wake()
    bool called_ = false;            ///< somebody has something to tell since the last question
    bool listening_ = false;
    std::map<std::int64_t, std::string> told_devices_;  ///< by job of the server, as events said
    std::set<std::int64_t> beginning_;                  ///< jobs of the server that are being fetched
    std::map<std::int64_t, std::string> untaken_;       ///< jobs of the server, and why they are not here yet
    std::set<AttachedJobId> followed_;
    std::map<AttachedJobId, int> missing_;  ///< how many lists in a row did not name it
    TaskGroup group_;
};

}  // namespace patchbay
