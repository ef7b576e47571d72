// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/writer.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <iterator>

namespace patchbay {
namespace {

// More closures in one transaction would only delay the first of them.
constexpr std::size_t most_in_group = 512;

}  // namespace

Writer::Writer(std::unique_ptr<Database> db) : db_{std::move(db)} {
    // Signals belong to the io thread.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread{[this] { loop(); }};
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Writer::~Writer() {
    {
        const std::lock_guard guard{mutex_};
        stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

void Writer::submit(std::shared_ptr<PendingWrite> write) {
    {
        const std::lock_guard guard{mutex_};
        queue_.push_back(std::move(write));
    }
    arrived_.notify_one();
}

void Writer::on_changes(std::function<void(std::vector<Change>)> told) {
    note_changes(*db_);
    told_ = std::move(told);
}

void Writer::flush() {
    std::unique_lock lock{mutex_};
    idle_.wait(lock, [this] { return queue_.empty() && !busy_; });
}

void Writer::loop() {
    for (;;) {
        Group group;
        {
            std::unique_lock lock{mutex_};
            busy_ = false;
            if (queue_.empty()) idle_.notify_all();
            arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            busy_ = true;
            while (!queue_.empty() && group.size() < most_in_group) {
                group.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        commit(group);
        for (auto& write : group) {
            // Moved out first: once resumed, the waiter may drop the write while we are still in here.
            auto complete = std::move(write->complete);
            write.reset();
            complete();
        }
    }
}

void Writer::commit(Group& group) {
    if (commit_together(group)) return;
    // One of them failed in a way that makes the engine give up the whole transaction (disk full). That is no reason
    // for the others to fail.
    for (auto& write : group) {
        write->failure = nullptr;
        Group alone{write};
        commit_together(alone);
    }
}

/// False: the transaction is lost, and each write deserves another one of its own.
bool Writer::commit_together(Group& group) {
    bool begun = false;
    std::vector<Change> changes;
    try {
        Transaction transaction{*db_};
        begun = true;
        for (auto& write : group) {
            db_->execute("SAVEPOINT one");
            try {
                write->run(*db_);
                if (told_) std::ranges::move(take_changes(*db_), std::back_inserter(changes));
            } catch (...) {
                write->failure = std::current_exception();
                db_->execute("ROLLBACK TO one");  // throws when there is no transaction any more
            }
            db_->execute("RELEASE one");
        }
        transaction.commit();
    } catch (...) {
        if (begun && group.size() > 1) return false;
        for (auto& write : group)
            if (!write->failure) write->failure = std::current_exception();
        return true;
    }
    if (!changes.empty()) told_(std::move(changes));
    return true;
}

}  // namespace patchbay
