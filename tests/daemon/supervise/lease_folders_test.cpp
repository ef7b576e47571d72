// SPDX-License-Identifier: Apache-2.0
#include "daemon/supervise/lease_folders.hpp"

#include <boost/asio/post.hpp>
#include <future>

#include "core/errors.hpp"
#include "tests/daemon/supervise/lab_fixture.hpp"

namespace patchbay {
namespace {

using namespace testing;

class LeaseFoldersTest : public LabTest {
protected:
    std::filesystem::path folder(const std::string& name) { return settings.leases_dir() / name; }
    /// What a daemon with this store says at its start.
    std::string refusal(Store& store) {
        try {
            leftover_folders(store, settings);
        } catch (const ConfigurationError& error) {
            return error.what();
        }
        return {};
    }
    void write_mark(const std::string& name, const std::string& text) {
        std::filesystem::create_directories(folder(name));
        std::ofstream{folder(name) / "lease.json"} << text;
        std::ofstream{folder(name) / "journal"} << "records";
    }
};

TEST_F(LeaseFoldersTest, ADaemonWithAnotherStoreLeavesARunningLeaseAlone) {
    const auto job = submit("running\nlog one\nwait-for go\nlog two\npass\n");
    until([&] { return lines(job) == 1; });
    const auto pid = runner_pid(job);
    stop_daemon();
    {
        Store other{lab.io.get_executor(), lab.workers, lab.folder.path / "other.db"};
        Events events;
        Supervisor supervisor{lab.io.get_executor(),    LeaseThreads{lab.workers, removals}, other, events, settings,
                              [](const std::string&) {}};
        EXPECT_THROW(supervisor.adopt(), ConfigurationError);
        const auto said = refusal(other);
        EXPECT_NE(said.find(folder("1").string() + ": job 1 on qemu-01, of store " + lab.store->identity()),
                  std::string::npos)
            << said;
        EXPECT_NE(said.find(other.file().string()), std::string::npos) << said;
    }
    EXPECT_EQ(::kill(pid, 0), 0);
    lab.reopen();
    start_daemon();
    make_file("go");
    until_finished(job);
    EXPECT_EQ(job_row(job).health, JobHealth::complete);
    EXPECT_EQ(lines(job), 3);
}

TEST_F(LeaseFoldersTest, ALeaseThatAnOlderCopyOfTheStoreDoesNotKnowIsLeftAlone) {
    stop_daemon();
    write_mark(
        "9", R"({"lease": 9, "job": 8, "device": "qemu-01", "fence": 3, "store": ")" + lab.store->identity() + R"("})");
    EXPECT_NE(refusal(*lab.store).find("restored from an older copy"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(folder("9") / "journal"));
}

TEST_F(LeaseFoldersTest, ANumberThatIsClosedHereSaysNothingAboutAnotherStoresLease) {
    const auto job = submit("running\npass\n");
    until_finished(job);
    stop_daemon();
    write_mark("1", R"({"lease": 1, "job": 1, "device": "qemu-01", "fence": 1, "store": "another"})");
    EXPECT_NE(refusal(*lab.store).find("job 1 on qemu-01, of store another"), std::string::npos);
    write_mark("1", R"({"lease": 1, "job": 77, "device": "qemu-01", "fence": 1})");
    EXPECT_NE(refusal(*lab.store).find("job 77 on qemu-01"), std::string::npos) << "of a version without that mark";
}

TEST_F(LeaseFoldersTest, WhatIsLeftOfClosedLeasesIsRemovedAtTheStart) {
    const auto job = submit("running\npass\n");
    until_finished(job);
    stop_daemon();
    write_mark("1", R"({"lease": 1, "job": 1, "device": "qemu-01", "fence": 1})");
    std::filesystem::create_directories(folder("5.old") / "tmp");
    std::filesystem::create_directories(folder("6"));  // its daemon died before anything was in it
    std::filesystem::create_directories(folder("lost+found"));
    start_daemon();
    until([&] {
        return !std::filesystem::exists(folder("1")) && !std::filesystem::exists(folder("5.old")) &&
               !std::filesystem::exists(folder("6"));
    });
    EXPECT_TRUE(std::filesystem::exists(folder("lost+found")));
}

TEST_F(LeaseFoldersTest, TheDeviceIsFreeBeforeTheFolderIsRemoved) {
    // Whoever removes is busy until the second job has run: nobody waits for it.
    std::promise<void> release;
    asio::post(removals, [held = release.get_future().share()] { held.wait(); });
    const auto first = submit("running\npass\n");
    const auto second = submit("running\npass\n");
    until_finished(first);
    until_finished(second);
    EXPECT_TRUE(std::filesystem::exists(folder("1.old")));
    release.set_value();
    until([&] { return !std::filesystem::exists(folder("1.old")) && !std::filesystem::exists(folder("2.old")); });
}

}  // namespace
}  // namespace patchbay
