// SPDX-License-Identifier: Apache-2.0
#pragma once
// Group commit: one thread owns the writing connection; what waits is run in one transaction and reaches the disk with
// one fsync. While that fsync runs, the next group gathers.

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/store/changes.hpp"
#include "daemon/store/database.hpp"

namespace patchbay {

/// One closure on its way to the writer and back. It may be run a second time, after the first was rolled back.
class PendingWrite {
public:
    virtual ~PendingWrite() = default;
    virtual void run(Database& db) = 0;
    std::exception_ptr failure;
    std::function<void()> complete;  ///< called on the writer's thread; resumes the waiter on its executor
};

class Writer {
public:
    explicit Writer(std::unique_ptr<Database> db);
    /// Finishes what is queued.
    ~Writer();
    void submit(std::shared_ptr<PendingWrite> write);
    /// From here on the connection notes changes, and `told` gets those of each commit, on the writer's thread, after
    /// it and before its waiters go on. Once, before the first submit().
    void on_changes(std::function<void(std::vector<Change>)> told);
    /// Waits until nothing is queued or being written.
    void flush();

private:
    using Group = std::deque<std::shared_ptr<PendingWrite>>;
    void loop();
    void commit(Group& group);
    bool commit_together(Group& group);

    std::unique_ptr<Database> db_;
    std::function<void(std::vector<Change>)> told_;
    std::mutex mutex_;
    std::condition_variable arrived_, idle_;
    Group queue_;
    bool stopping_ = false;
    bool busy_ = false;
    std::thread thread_;
};

}  // namespace patchbay
