// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/device_types.hpp"

#include <gtest/gtest.h>

#include "daemon/store/owned_by_file.hpp"
#include "tests/daemon/store/temporary_store.hpp"

namespace patchbay {
namespace {

using namespace testing;

class DeviceTypesTest : public ::testing::Test {
protected:
    DeviceTypesTest() { lab.add_devices({a_device("qemu-01"), a_device("imx8-01", "imx8")}); }

    void configure(std::vector<ConfiguredDeviceType> entries) {
        auto write = [entries](Database& db) { DeviceTypes{db}.configure(entries); };
        lab.write(std::move(write));
    }
    bool update(std::string name, DeviceTypeProperties properties) {
        auto write = [name, properties](Database& db) { return DeviceTypes{db}.update(name, properties); };
        return lab.write(std::move(write));
    }
    bool add_alias(std::string name, std::string type) {
        auto write = [name, type](Database& db) { return DeviceTypes{db}.add_alias({name, type}); };
        return lab.write(std::move(write));
    }
    static ConfiguredDeviceType entry(std::string name, std::vector<std::string> aliases = {}) {
        ConfiguredDeviceType type;
        type.name = std::move(name);
        type.aliases = std::move(aliases);
        return type;
    }

    TemporaryStore lab;
    DeviceTypes types{lab.reader()};
};

TEST_F(DeviceTypesTest, WhatTheFileSaysIsTheFilesAndWhatItSaidOnceIsTakenBack) {
    auto hidden = entry("imx8");
    hidden.properties.display = false;
    hidden.properties.description = "from the file";
    configure({hidden});
    EXPECT_FALSE(types.find("imx8")->display);

    DeviceTypeProperties frequency;
    frequency.health_frequency = 100;
    frequency.health_denominator = HealthDenominator::jobs;
    EXPECT_TRUE(update("imx8", frequency)) << "the file does not say it";
    DeviceTypeProperties shown;
    shown.display = true;
    try {
        update("imx8", shown);
        FAIL();
    } catch (const OwnedByFile& refusal) {
        EXPECT_STREQ(refusal.what(),
                     "display of device type 'imx8' comes from the lab's configuration file "
                     "(device_types.imx8.display); change it there and restart patchbayd");
    }

    configure({});
    const auto after = *types.find("imx8");
    EXPECT_TRUE(after.display);
    EXPECT_EQ(after.description, "");
    EXPECT_EQ(after.health_frequency, 100) << "what was set at run time stays";
    EXPECT_EQ(after.health_denominator, HealthDenominator::jobs);
    EXPECT_TRUE(update("imx8", shown));
    EXPECT_FALSE(update("nope", shown));
}

TEST_F(DeviceTypesTest, AnAliasIsAnotherNameOfItsTypeAndATypesOwnNameGoesFirst) {
    EXPECT_TRUE(add_alias("imx8-evk.dtb", "imx8"));
    EXPECT_FALSE(add_alias("imx8-evk.dtb", "qemu")) << "taken";
    EXPECT_FALSE(add_alias("qemu", "imx8")) << "a type is called so";
    EXPECT_EQ(types.resolve("imx8-evk.dtb"), "imx8");
    EXPECT_EQ(types.resolve("qemu"), "qemu");
    EXPECT_EQ(types.resolve("toaster"), std::nullopt);
    EXPECT_EQ(types.find("imx8")->aliases, std::vector<std::string>{"imx8-evk.dtb"});

    lab.add_devices({a_device("qemu-01"), a_device("imx8-01", "imx8"), a_device("evk-01", "imx8-evk.dtb")});
    EXPECT_EQ(types.resolve("imx8-evk.dtb"), "imx8-evk.dtb") << "since the configuration has such a type";
}

TEST_F(DeviceTypesTest, ConfiguredAliasesGoWithTheFileAndOthersStay) {
    add_alias("mine", "qemu");
    add_alias("both", "qemu");
    configure({entry("qemu", {"x86"}), entry("imx8", {"both"})});
    EXPECT_EQ(types.resolve("x86"), "qemu");
    EXPECT_EQ(types.resolve("both"), "imx8") << "the file wins";
    auto remove = [](Database& db) { return DeviceTypes{db}.remove_alias("x86"); };
    EXPECT_THROW(lab.write(remove), OwnedByFile);
    auto move = [](Database& db) { return DeviceTypes{db}.move_alias({"mine", "imx8"}); };
    EXPECT_TRUE(lab.write(move));

    configure({});
    EXPECT_EQ(types.resolve("x86"), std::nullopt);
    EXPECT_EQ(types.resolve("mine"), "imx8");
    EXPECT_EQ(types.count_aliases({}), 1);
}

TEST_F(DeviceTypesTest, OnlyATypeThatNobodyNeedsCanGo) {
    auto add = [](Database& db) { return DeviceTypes{db}.add("toaster", {}); };
    EXPECT_TRUE(lab.write(add));
    EXPECT_FALSE(lab.write(add));
    add_alias("bread", "toaster");
    const auto remove = [this](std::string name) {
        auto write = [name](Database& db) { return DeviceTypes{db}.remove(name); };
        return lab.write(std::move(write));
    };
    EXPECT_THROW(remove("qemu"), JobError) << "qemu-01 is one";
    EXPECT_TRUE(remove("toaster"));
    EXPECT_EQ(types.resolve("bread"), std::nullopt) << "its alias went with it";
    EXPECT_FALSE(remove("toaster"));
    configure({entry("toaster", {"bread"})});
    EXPECT_THROW(remove("toaster"), OwnedByFile);
}

}  // namespace
}  // namespace patchbay
