// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <future>

#include "core/task_group.hpp"
#include "daemon/store/sqlite/sqlite_database.hpp"
#include "daemon/store/store_lock.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

Task<> submit_some(Store* store, UserId user, int jobs, int* done) {
    for (int i = 0; i < jobs; ++i) {
        auto insert = [user](Database& db) { return Jobs{db}.insert(a_job(user), wall_now()); };
        const auto id = co_await store->write(std::move(insert));
        // Visible to the reader as soon as the write is over.
        EXPECT_TRUE(Jobs{store->reader()}.find(id));
        ++*done;
    }
}

TEST(WriterTest, ManyClientsShareFewCommitsAndGetEveryIdOnce) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    int commits = 0;
    lab.store->on_changes([&commits](const std::vector<Change>&) { ++commits; });
    TaskGroup group{lab.io.get_executor()};
    int done = 0;
    for (int client = 0; client < 64; ++client) group.spawn("client", submit_some(lab.store.get(), alice, 20, &done));
    run(lab.io, group.join());
    EXPECT_EQ(done, 64 * 20);
    EXPECT_EQ(Jobs{lab.reader()}.count({}, Viewer{{}, true}), 64 * 20);
    EXPECT_GT(commits, 0);
    EXPECT_LT(commits, 64 * 20 / 4) << "grouped";
}

TEST(WriterTest, AWriteThatThrowsIsRolledBackAlone) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    // One group: all are queued before the writer can have taken the last.
    TaskGroup group{lab.io.get_executor()};
    int good = 0, bad = 0;
    const auto client = [](Store* store, UserId user, bool fails, int* good_count, int* bad_count) -> Task<> {
        auto insert = [user, fails](Database& db) {
            Jobs{db}.insert(a_job(user), wall_now());
            if (fails) throw JobError{"no"};
        };
        bool failed = false;
        try {
            co_await store->write(std::move(insert));
        } catch (const JobError&) {
            failed = true;
        }
        ++(failed ? *bad_count : *good_count);
    };
    for (int i = 0; i < 40; ++i) group.spawn("client", client(lab.store.get(), alice, i % 2 == 0, &good, &bad));
    run(lab.io, group.join());
    EXPECT_EQ(good, 20);
    EXPECT_EQ(bad, 20);
    EXPECT_EQ(Jobs{lab.reader()}.count({}, Viewer{{}, true}), 20);
}

TEST(WriterTest, AWriteWithABrokenConstraintReachesItsCallerOnly) {
    TemporaryStore lab;
    lab.add_user("alice");
    EXPECT_THROW(lab.add_job(a_job(UserId{99})), StoreError) << "no such user";
    EXPECT_EQ(lab.add_user("bob").value, 2);
}

TEST(WriterTest, AFullDiskFailsTheWriteAndNothingElse) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    auto limit = [](Database& db) { db.execute("PRAGMA max_page_count = 90"); };
    lab.write(limit);
    auto big = a_job(alice);
    big.definition = std::string(300'000, 'x');
    EXPECT_THROW(
        {
            for (int i = 0; i < 10; ++i) lab.add_job(big);
        },
        StoreError);
    auto more = [](Database& db) { db.execute("PRAGMA max_page_count = 100000"); };
    lab.write(more);
    EXPECT_NO_THROW(lab.add_job(big));
}

TEST(WriterTest, AWriteBesideOneThatAFullDiskFailsIsDoneAllTheSame) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    auto limit = [](Database& db) { db.execute("PRAGMA max_page_count = 90"); };
    lab.write(limit);
    std::promise<void> all_are_queued;
    auto hold = [ready = all_are_queued.get_future().share()](Database&) { ready.wait(); };
    auto too_large = [alice](Database& db) {
        auto job = a_job(alice);
        job.definition = std::string(3'000'000, 'x');
        Jobs{db}.insert(job, wall_now());
    };
    auto small = [alice](Database& db) { Jobs{db}.insert(a_job(alice), wall_now()); };
    int good = 0, full = 0;
    const auto client = [](Store* store, std::function<void(Database&)> write, int* done, int* refused) -> Task<> {
        bool failed = false;
        try {
            co_await store->write(std::move(write));
        } catch (const StoreError&) {
            failed = true;
        }
        ++(failed ? *refused : *done);
    };
    TaskGroup group{lab.io.get_executor()};
    group.spawn("hold", client(lab.store.get(), hold, &good, &full));
    lab.io.poll();
    for (const auto& write : {std::function<void(Database&)>{small}, {too_large}, {small}})
        group.spawn("client", client(lab.store.get(), write, &good, &full));
    lab.io.poll();
    all_are_queued.set_value();
    run(lab.io, group.join());
    EXPECT_EQ(good, 3) << "the one that waited and the two small ones";
    EXPECT_EQ(full, 1);
    EXPECT_EQ(Jobs{lab.reader()}.count({}, Viewer{{}, true}), 2);
}

TEST(WriterTest, WritesThatWereQueuedReachTheDiskBeforeTheStoreCloses) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    TaskGroup group{lab.io.get_executor()};
    int done = 0;
    for (int i = 0; i < 10; ++i) group.spawn("client", submit_some(lab.store.get(), alice, 1, &done));
    lab.io.poll();  // all have handed over their write, none need have been resumed
    lab.store->flush();
    lab.io.restart();
    run(lab.io, group.join());
    lab.reopen();
    EXPECT_EQ(Jobs{lab.reader()}.count({}, Viewer{{}, true}), 10);
}

TEST(WriterTest, AWriteChangesTheVersionThatReadersSee) {
    TemporaryStore store;
    const auto before = store.reader().version();
    EXPECT_EQ(store.reader().version(), before);
    store.add_user("ann");
    EXPECT_NE(store.reader().version(), before);
}

TEST(WriterTest, AHeavyReadRunsOnAWorker) {
    TemporaryStore lab;
    const auto alice = lab.add_user("alice");
    lab.add_job(a_job(alice));
    const auto io_thread = ::gettid();
    auto read = [io_thread](Database& db) {
        EXPECT_NE(::gettid(), io_thread);
        return Jobs{db}.count({}, Viewer{{}, true});
    };
    EXPECT_EQ(run(lab.io, lab.store->read_on_worker(read)), 1);
    auto write = [](Database& db) { db.execute("DELETE FROM job"); };
    EXPECT_THROW(run(lab.io, lab.store->read_on_worker(write)), StoreError) << "readers only read";
}

TEST(StoreTest, ASecondDaemonIsRefusedAndToldWhoServes) {
    TemporaryStore lab;
    try {
        Store second{lab.io.get_executor(), lab.workers, lab.file()};
        FAIL() << "two daemons on one store";
    } catch (const ConfigurationError& error) {
        EXPECT_NE(std::string{error.what()}.find("pid " + std::to_string(::getpid())), std::string::npos)
            << error.what();
    }
    Store beside{lab.io.get_executor(), lab.workers, lab.file(), StoreUse::admin};
    auto add = [](Database& db) { return Users{db}.add("alice", false, wall_now()); };
    run(lab.io, beside.write(add));
    EXPECT_TRUE(Users{lab.reader()}.find("alice")) << "a command beside the daemon may write";
}

TEST(StoreTest, AProcessThatADeadDaemonWasStartingDelaysTheNextDaemonOnly) {
    TemporaryFolder folder;
    const auto file = folder.path / "lock";
    const auto daemon = ::fork();
    if (daemon == 0) {
        const StoreLock lock{file, "store"};
        if (::fork() == 0) ::poll(nullptr, 0, 100);  // has a copy of the lock a little longer
        ::_exit(0);                                  // at once: what was made before the fork is not ours to destroy
    }
    ASSERT_EQ(::waitpid(daemon, nullptr, 0), daemon);
    EXPECT_NO_THROW((StoreLock{file, "store"}));
}

TEST(StoreTest, TheLockGoesWithTheDaemon) {
    TemporaryStore lab;
    lab.add_user("alice");
    lab.reopen();
    EXPECT_TRUE(Users{lab.reader()}.find("alice"));
}

TEST(StoreTest, AStoreOfANewerVersionIsNotTouched) {
    TemporaryStore lab;
    auto age = [](Database& db) { db.change("INSERT INTO schema_version VALUES (9999)"); };
    lab.write(age);
    EXPECT_THROW(lab.reopen(), ConfigurationError);
}

TEST(StoreTest, AFileThatIsNoDatabaseIsRefused) {
    TemporaryStore lab;
    const auto file = lab.folder.path / "other.db";
    std::ofstream{file} << std::string(5000, 'x');
    EXPECT_THROW((Store{lab.io.get_executor(), lab.workers, file}), StoreError);
}

}  // namespace
}  // namespace patchbay
