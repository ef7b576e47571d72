// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/devices.hpp"

#include <gtest/gtest.h>

#include "daemon/store/device_types.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/migrations.hpp"
#include "daemon/store/sqlite/sqlite_database.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class DevicesTest : public ::testing::Test {
protected:
    TemporaryStore lab;
    Devices devices{lab.reader()};

    bool set_health(std::string name, DeviceHealth health) {
        auto change = [name, health](Database& db) {
            return Devices{db}.set_health(name, health, "by hand", wall_now());
        };
        return lab.write(std::move(change));
    }
};

TEST_F(DevicesTest, TheStoredDevicesAreThoseOfTheConfiguration) {
    lab.add_devices({a_device("qemu-01", "qemu", {"kvm"}), a_device("imx8-01", "imx8")});
    ASSERT_EQ(devices.count({}), 2);
    EXPECT_EQ(devices.list({}).front().hostname, "imx8-01") << "ordered by name";
    EXPECT_EQ(devices.find("qemu-01")->tags.size(), 1U);
    EXPECT_EQ(devices.find("qemu-01")->health, DeviceHealth::good);
    set_health("qemu-01", DeviceHealth::maintenance);

    lab.add_devices({a_device("qemu-01", "qemu", {"hdmi"})});
    EXPECT_EQ(devices.find("qemu-01")->health, DeviceHealth::maintenance) << "what a person set stays";
    EXPECT_EQ(devices.tag(devices.find("qemu-01")->tags.at(0))->name, "hdmi");
    EXPECT_EQ(devices.find("imx8-01")->health, DeviceHealth::retired);
    EXPECT_EQ(devices.count({}), 1);
    EXPECT_EQ(devices.count({}, true), 2);
    EXPECT_EQ(DeviceTypes{lab.reader()}.count({}), 2);

    lab.add_devices({a_device("qemu-01"), a_device("imx8-01", "imx8")});
    EXPECT_EQ(devices.find("imx8-01")->health, DeviceHealth::good);

    set_health("imx8-01", DeviceHealth::retired);
    lab.add_devices({a_device("qemu-01"), a_device("imx8-01", "imx8")});
    EXPECT_EQ(devices.find("imx8-01")->health, DeviceHealth::retired) << "a person did that";
}

TEST_F(DevicesTest, FencingNumbersOfARestoredStoreGoOnBehindThoseThatWereSeen) {
    lab.add_devices({a_device("qemu-01"), a_device("qemu-02")});
    const auto alice = lab.add_user("alice");
    const auto next_fence = [&](const std::string& device) {
        const auto job = lab.add_job(a_job(alice));
        auto lease = [job, device](Database& db) { return Leases{db}.insert(job, device, wall_now()); };
        return lab.write(std::move(lease));
    };
    const auto open = next_fence("qemu-01");
    EXPECT_EQ(open.fence, Fence{1});
    auto seen = a_device("qemu-01");
    seen.seen_fence = Fence{20};
    lab.add_devices({seen, a_device("qemu-02")});
    Leases leases{lab.reader()};
    EXPECT_EQ(leases.find(open.id)->fence, Fence{20}) << "its device can be made safe";
    EXPECT_EQ(next_fence("qemu-02").fence, Fence{1});
    auto close = [open](Database& db) { return Leases{db}.close(open.id, Fence{20}, wall_now()); };
    EXPECT_TRUE(lab.write(std::move(close)));
    EXPECT_EQ(next_fence("qemu-01").fence, Fence{21});
    seen.seen_fence = Fence{3};
    lab.add_devices({seen, a_device("qemu-02")});
    EXPECT_EQ(leases.find(open.id)->fence, Fence{20}) << "it is closed";
    EXPECT_EQ(leases.open_leases().back().fence, Fence{21}) << "never lower";
}

TEST_F(DevicesTest, OnlyTheJobThatHasADeviceGivesItBack) {
    lab.add_devices({a_device("qemu-01")});
    auto play = [](Database& db) {
        Devices d{db};
        EXPECT_TRUE(d.reserve("qemu-01", JobId{1}));
        EXPECT_FALSE(d.reserve("qemu-01", JobId{2}));
        EXPECT_FALSE(d.start("qemu-01", JobId{2}));
        EXPECT_TRUE(d.start("qemu-01", JobId{1}));
        EXPECT_FALSE(d.release("qemu-01", JobId{2}));
        EXPECT_TRUE(d.release("qemu-01", JobId{1}));
        EXPECT_FALSE(d.release("qemu-01", JobId{1}));
    };
    lab.write(play);
    EXPECT_EQ(devices.find("qemu-01")->state, DeviceState::idle);
    EXPECT_EQ(devices.find("qemu-01")->current_job, std::nullopt);
}

TEST_F(DevicesTest, SuspicionMakesADeviceUnknownUnlessAPersonTookItOut) {
    struct Row {
        DeviceHealth before, after;
    };
    lab.add_devices({a_device("qemu-01")});
    for (const auto row :
         {Row{DeviceHealth::good, DeviceHealth::unknown}, Row{DeviceHealth::unknown, DeviceHealth::unknown},
          Row{DeviceHealth::looping, DeviceHealth::unknown}, Row{DeviceHealth::bad, DeviceHealth::unknown},
          Row{DeviceHealth::maintenance, DeviceHealth::maintenance},
          Row{DeviceHealth::retired, DeviceHealth::retired}}) {
        set_health("qemu-01", row.before);
        auto suspect = [](Database& db) { Devices{db}.judge("qemu-01", DeviceHealth::unknown, "job 1", wall_now()); };
        lab.write(suspect);
        EXPECT_EQ(devices.find("qemu-01")->health, row.after) << to_string(row.before);
    }
}

TEST_F(DevicesTest, EveryHealthChangeIsKeptWithItsReason) {
    lab.add_devices({a_device("qemu-01")});
    EXPECT_TRUE(set_health("qemu-01", DeviceHealth::bad));
    EXPECT_FALSE(set_health("nobody", DeviceHealth::bad));
    const auto history = devices.health_history("qemu-01");
    ASSERT_EQ(history.size(), 1U);
    EXPECT_EQ(history[0].from, DeviceHealth::good);
    EXPECT_EQ(history[0].to, DeviceHealth::bad);
    EXPECT_EQ(history[0].reason.text, "by hand");
}

TEST_F(DevicesTest, OfWhatAJobSaidTheBeginningIsKept) {
    lab.add_devices({a_device("qemu-01")});
    auto judge = [](Database& db) {
        const HealthReason reason{"job 1 failed", JobId{1}, std::string(4095, 'x') + "\xc3\xa9 and more"};
        Devices{db}.judge("qemu-01", DeviceHealth::bad, reason, wall_now());
    };
    lab.write(judge);
    EXPECT_EQ(devices.health_history("qemu-01").at(0).reason.detail, std::string(4095, 'x'));
}

TEST(DeviceHealthReasons, AnOlderStoresReasonsAreSplitIntoWhatJobsSaid) {
    TemporaryFolder folder;
    const auto db = open_sqlite(folder / "old.db", SqliteAccess::read_write);
    db->execute("CREATE TABLE schema_version (version INTEGER NOT NULL)");
    for (std::size_t i = 0; i < 25; ++i) db->execute(migrations()[i]);
    db->change("INSERT INTO schema_version VALUES (25)");
    const auto alice = Users{*db}.add("alice", false, wall_now());
    const auto job = Jobs{*db}.insert(a_job(alice), wall_now());
    ASSERT_EQ(job, JobId{1});
    db->change("INSERT INTO worker (hostname) VALUES ('bench')");
    db->change("INSERT INTO device_type (name) VALUES ('qemu')");
    db->change(
        "INSERT INTO device (hostname, device_type, worker_host, configuration) VALUES ('a', 'qemu', 'bench', '')");
    for (const auto* reason : {"job 1 ended with error Infrastructure: relay: gone", "health check 1 failed: no prompt",
                               "job 7 ended with error Bug: of a deleted job", "job offers: none (root)"})
        db->change("INSERT INTO device_health_change (device, changed, was, became, reason) VALUES ('a', 1, 0, 1, $1)",
                   reason);
    migrate(*db, "old.db");
    std::vector<HealthReason> reasons;
    for (const auto& change : Devices{*db}.health_history("a")) reasons.push_back(change.reason);
    EXPECT_EQ(reasons, (std::vector<HealthReason>{
                           HealthReason{"job offers: none (root)"},
                           HealthReason{"job 7 ended with error Bug", JobId{7}},
                           HealthReason{"health check 1 failed", job, "no prompt"},
                           HealthReason{"job 1 ended with error Infrastructure", job, "relay: gone"},
                       }));
}

TEST_F(DevicesTest, ListsCanBeFilteredAndOrdered) {
    lab.add_devices({a_device("a", "qemu", {"kvm"}), a_device("b", "imx8"), a_device("c", "qemu")});
    const auto names = [&](std::string_view parameter, FilterValue value) {
        const auto name = find_filter(QueryList::devices, parameter);
        if (!name) throw std::invalid_argument{std::string{parameter}};
        Condition condition;
        condition.field = name->field;
        condition.lookup = name->lookup;
        condition.negate = name->negate;
        condition.values = {value};
        Query query;
        query.conditions = {condition};
        query.ordering = {{find_order(QueryList::devices, "hostname"), true}};
        std::string out;
        for (const auto& device : devices.list(query)) out += device.hostname;
        EXPECT_EQ(devices.count(query), static_cast<std::int64_t>(out.size()));
        return out;
    };
    EXPECT_EQ(names("device_type", std::string{"qemu"}), "ca");
    EXPECT_EQ(names("device_type__name!", std::string{"qemu"}), "b");
    EXPECT_EQ(names("tags__name", std::string{"kvm"}), "a");
    EXPECT_EQ(names("state", std::int64_t{0}), "cba");
    EXPECT_EQ(names("is_synced", std::int64_t{1}), "cba");
    EXPECT_EQ(names("worker_host", std::string{"bench"}), "cba");
    EXPECT_EQ(names("hostname__in", std::string{"b"}), "b");
    EXPECT_EQ(names("device_version", std::string{"x"}), "");
}

TEST_F(DevicesTest, TagsAreMadeOnce) {
    lab.add_devices({a_device("a", "qemu", {"kvm", "hdmi"}), a_device("b", "qemu", {"kvm"})});
    EXPECT_EQ(devices.count_tags({}), 2);
    EXPECT_EQ(devices.tags({}).at(0).name, "kvm");
    EXPECT_FALSE(devices.tag("nope"));
}

}  // namespace
}  // namespace patchbay
