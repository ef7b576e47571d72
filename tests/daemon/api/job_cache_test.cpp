// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/jobs/job_cache.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(JobCache, GivesWhatWasPutForTheSameReaderOnly) {
    JobCache cache;
    cache.put(JobId{1}, UserId{7}, "a");
    ASSERT_NE(cache.find(JobId{1}, UserId{7}), nullptr);
    EXPECT_EQ(*cache.find(JobId{1}, UserId{7}), "a");
    EXPECT_EQ(cache.find(JobId{1}, UserId{}), nullptr);
    EXPECT_EQ(cache.find(JobId{2}, UserId{7}), nullptr);
}

TEST(JobCache, ForgetsEverythingWhenTheStoreChanged) {
    JobCache cache;
    cache.keep_for(3);
    cache.put(JobId{1}, UserId{}, "a");
    cache.keep_for(3);
    EXPECT_NE(cache.find(JobId{1}, UserId{}), nullptr);
    cache.keep_for(4);
    EXPECT_EQ(cache.find(JobId{1}, UserId{}), nullptr);
}

TEST(JobCache, StaysSmall) {
    JobCache cache;
    const std::string large(1024 * 1024, 'x');
    for (int job = 1; job <= 3; ++job) cache.put(JobId{job}, UserId{}, large);
    EXPECT_EQ(cache.find(JobId{1}, UserId{}), nullptr);
    EXPECT_NE(cache.find(JobId{3}, UserId{}), nullptr);
}

}  // namespace
}  // namespace patchbay
