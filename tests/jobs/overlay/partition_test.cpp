// SPDX-License-Identifier: Apache-2.0
#include "core/errors.hpp"
#include "jobs/overlay/overlay_formats.hpp"
#include "tests/jobs/overlay/scratch.hpp"

namespace patchbay {
namespace {

using PartitionTest = ScratchTest;

TEST_F(PartitionTest, BeginsWhereTheTableSays) {
    for (const auto* label : {"dos", "gpt"}) {
        tool("rm -f disk; truncate -s 16M disk && printf '2048,8192\\n10240,4096\\n' | sfdisk -q --label " +
             std::string{label} + " disk");
        EXPECT_EQ(partition_offset(root / "disk", 0), 2048u * 512) << label;
        EXPECT_EQ(partition_offset(root / "disk", 1), 10240u * 512) << label;
        EXPECT_THROW(partition_offset(root / "disk", 2), JobError) << label;
        EXPECT_THROW(partition_offset(root / "disk", 4000), JobError) << label;
    }
}

TEST_F(PartitionTest, ATableCutAnywhereIsRefusedOrRead) {
    tool("truncate -s 4M disk && printf '2048,4096\\n' | sfdisk -q --label gpt disk");
    const auto whole = read("disk");
    for (std::size_t cut = 0; cut < 1400; ++cut) {
        write("cut", whole.substr(0, cut));
        try {
            EXPECT_EQ(partition_offset(root / "cut", 0), 2048u * 512);
        } catch (const JobError&) {
        }
    }
}

}  // namespace
}  // namespace patchbay
