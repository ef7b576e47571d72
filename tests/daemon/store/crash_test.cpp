// SPDX-License-Identifier: Apache-2.0
// What was acknowledged is there after kill -9, whole; what was not is there whole or not at all.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/task_group.hpp"
#include "daemon/store/logs.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

Task<> submit_and_tell(Store* store, UserId user, int pipe) {
    for (;;) {
        auto insert = [user](Database& db) {
            const auto id = Jobs{db}.insert(a_job(user), wall_now());
            const std::vector<std::string> lines{"first", "second"};
            Logs{db}.append(id, lines);
            return id;
        };
        const auto id = co_await store->write(std::move(insert));
        if (::write(pipe, &id.value, sizeof id.value) != sizeof id.value) co_return;
    }
}

[[noreturn]] void submit_until_killed(const std::filesystem::path& file, int pipe) {
    asio::io_context io;
    asio::thread_pool workers{1};
    Store store{io.get_executor(), workers, file};
    TaskGroup group{io.get_executor()};
    for (int client = 0; client < 16; ++client) group.spawn("client", submit_and_tell(&store, UserId{1}, pipe));
    io.run();
    ::_exit(1);
}

TEST(CrashTest, NoAcknowledgedSubmissionIsLostByKill9) {
    for (const int enough : {1, 40, 300}) {
        TemporaryFolder folder;
        const auto file = folder.path / "patchbay.db";
        {
            asio::io_context io;
            asio::thread_pool workers{1};
            Store store{io.get_executor(), workers, file};
            auto add = [](Database& db) { return Users{db}.add("alice", false, wall_now()); };
            run(io, store.write(add));
            workers.join();
        }
        int ends[2];
        ASSERT_EQ(::pipe(ends), 0);
        const auto child = ::fork();
        if (child == 0) {
            ::close(ends[0]);
            submit_until_killed(file, ends[1]);
        }
        ::close(ends[1]);
        std::vector<std::int64_t> acknowledged;
        std::int64_t id = 0;
        while (::read(ends[0], &id, sizeof id) == sizeof id) {
            acknowledged.push_back(id);
            if (static_cast<int>(acknowledged.size()) == enough) ::kill(child, SIGKILL);
        }
        ::close(ends[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        ASSERT_GE(static_cast<int>(acknowledged.size()), enough);

        asio::io_context io;
        asio::thread_pool workers{1};
        Store store{io.get_executor(), workers, file};
        for (const auto job : acknowledged) ASSERT_TRUE(Jobs{store.reader()}.find(JobId{job})) << job;
        Query all;
        all.limit = -1;
        const auto jobs = Jobs{store.reader()}.list(all, Viewer{{}, true});
        EXPECT_GE(jobs.size(), acknowledged.size());
        EXPECT_EQ(Jobs{store.reader()}.count({}, Viewer{{}, true}), static_cast<std::int64_t>(jobs.size()));
        for (const auto& job : jobs) EXPECT_EQ(Logs{store.reader()}.read(job.id), "- first\n- second\n");
    }
}

}  // namespace
}  // namespace patchbay
