// SPDX-License-Identifier: Apache-2.0
#include "cli/json.hpp"
#include "core/config/yaml.hpp"
#include "tests/cli/commands_fixture.hpp"

namespace patchbay::cli {
namespace {

TEST_F(CommandsTest, ReserveSaysUntilWhenAndWhetherTheDeviceIsFree) {
    EXPECT_EQ(patchbay({"reserve", "qemu-01", "--for", "2h", "--idle", "30m", "--reason", "soldering"}), 0) << err();
    EXPECT_EQ(out(),
              "qemu-01 is reserved for you until 2026-11-25 18:00:00 UTC\n"
              "it has a job now, and is yours when that is over\n");
    const auto request = server_.requests().at(0);
    EXPECT_EQ(request.path, "/api/v0.2/devices/qemu-01/reserve/");
    const auto body = config::parse_json(request.body);
    EXPECT_EQ(text_at(body, "for"), "2h");
    EXPECT_EQ(text_at(body, "idle_release"), "30m");
    EXPECT_EQ(text_at(body, "reason"), "soldering");
    EXPECT_EQ(patchbay({"reserve", "qemu-01"}), 1) << "for how long?";
}

TEST_F(CommandsTest, ReleaseAndReservations) {
    EXPECT_EQ(patchbay({"release", "qemu-01"}), 0) << err();
    EXPECT_EQ(out(), "qemu-01 is released\n");
    EXPECT_EQ(patchbay({"reservations"}), 0) << err();
    EXPECT_EQ(out(),
              "DEVICE   USER   ENDS              REASON\n"
              "qemu-01  alice  2026-11-25 18:00  soldering\n");
}

}  // namespace
}  // namespace patchbay::cli
