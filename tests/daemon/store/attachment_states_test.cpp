// SPDX-License-Identifier: Apache-2.0
// How it stands with other servers, as the store keeps it.
#include "daemon/store/attachment_states.hpp"

#include <gtest/gtest.h>

#include "daemon/store/attached_jobs.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;
using Kind = AttachmentState::Kind;

class AttachmentStatesTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    AttachmentState state{"far", "https://lava.example.com", "bench", Kind::begins, "", false, ""};

    void set(WallTime now) {
        auto write = [state = state, now](Database& db) { AttachmentStates{db}.set(state, now); };
        lab.write(write);
    }
    std::vector<AttachmentStates::Row> list() { return AttachmentStates{lab.reader()}.list(); }
};

TEST_F(AttachmentStatesTest, TheLastIsKeptAndTheTimeOfTheLastChangeOfItsKind) {
    const auto now = wall_now();
    set(now);
    state.kind = Kind::fails;
    state.problem = "no route";
    set(now + 1s);
    state.problem = "no answer";
    state.events_problem = "refused";
    set(now + 2s);
    ASSERT_EQ(list().size(), 1U);
    EXPECT_EQ(list()[0].state, state);
    EXPECT_EQ(list()[0].since, now + 1s);
}

TEST_F(AttachmentStatesTest, OpenJobsAreCounted) {
    set(wall_now());
    const auto job = lab.add_job(a_job(lab.add_user("guest")));
    auto attach = [job](Database& db) { return AttachedJobs{db}.add("far", 7, "token", job); };
    const auto id = lab.write(attach);
    EXPECT_EQ(list()[0].open_jobs, 1);
    auto end = [id](Database& db) { AttachedJobs{db}.end(id, wall_now()); };
    lab.write(end);
    EXPECT_EQ(list()[0].open_jobs, 0);
}

TEST_F(AttachmentStatesTest, OnesThatAreNotConfiguredAnyMoreAreForgotten) {
    set(wall_now());
    state.name = "near";
    set(wall_now());
    auto keep = [](Database& db) { AttachmentStates{db}.keep({"near"}); };
    lab.write(keep);
    ASSERT_EQ(list().size(), 1U);
    EXPECT_EQ(list()[0].state.name, "near");
}

}  // namespace
}  // namespace patchbay
