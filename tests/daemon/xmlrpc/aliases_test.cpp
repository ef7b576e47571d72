// SPDX-License-Identifier: Apache-2.0
// Aliases, and the changes of types and tags, over XML-RPC.
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RpcAliasesTest : public RpcTest {
protected:
    const config::Value nil;
};

TEST_F(RpcAliasesTest, TheyAreAddedListedShownAndDeleted) {
    EXPECT_EQ(said("scheduler.aliases.add", {"x86", "qemu"}, "root"), "None");
    EXPECT_EQ(said("scheduler.device_types.aliases.add", {"board", "imx6q"}, "root"), "None");
    EXPECT_EQ(said("scheduler.aliases.list"), "['imx6q', 'x86']");
    EXPECT_EQ(said("scheduler.aliases.show", {"x86"}), "{'name': 'x86', 'device_type': 'qemu'}");
    EXPECT_EQ(said("scheduler.device_types.aliases.list", {"board"}), "['imx6q']");
    EXPECT_THAT(said("scheduler.device_types.show", {"board"}), HasSubstr("'aliases': ['imx6q']"));
    EXPECT_EQ(said("scheduler.get_device_type_by_alias", {"x"}), "{'x': ['board', 'qemu']}");
    EXPECT_EQ(said("scheduler.get_device_type_by_alias", {"z"}), "{'z': []}");
    EXPECT_EQ(said("scheduler.device_types.aliases.delete", {"qemu", "imx6q"}, "root"),
              "Fault 404: Alias 'imx6q' is one of device-type 'board'.");
    EXPECT_EQ(said("scheduler.device_types.aliases.delete", {"board", "imx6q"}, "root"), "None");
    EXPECT_EQ(said("scheduler.aliases.delete", {"x86"}, "root"), "None");
    EXPECT_EQ(said("scheduler.aliases.list"), "[]");
}

TEST_F(RpcAliasesTest, WhatCannotBeAnAliasIsAFault) {
    EXPECT_EQ(said("scheduler.aliases.add", {"x86", "qemu"}, "bob"),
              "Fault 403: User 'bob' is missing permission lava_scheduler_app.add_alias.");
    EXPECT_EQ(said("scheduler.aliases.add", {"x86", "toaster"}, "root"),
              "Fault 404: Device-type 'toaster' was not found.");
    EXPECT_EQ(said("scheduler.aliases.add", {"board", "qemu"}, "root"),
              "Fault 400: Bad request: an alias or a device-type is called 'board' already.");
    EXPECT_EQ(said("scheduler.aliases.add", {"", "qemu"}, "root"),
              "Fault 400: Bad request: argument 1 must have from 1 to 200 characters.");
    EXPECT_EQ(said("scheduler.aliases.show", {"nope"}), "Fault 404: Alias 'nope' was not found.");
    EXPECT_EQ(said("scheduler.aliases.delete", {"nope"}, "root"), "Fault 404: Alias 'nope' was not found.");
}

TEST_F(RpcAliasesTest, ATypeIsAddedAndUpdatedAsLavacliDoes) {
    EXPECT_EQ(said("scheduler.device_types.add", {"toaster", nil, true, false, 24, "hours"}, "root"), "None");
    EXPECT_EQ(said("scheduler.device_types.add", {"toaster", nil, true, false, 24, "hours"}, "root"),
              "Fault 400: Bad request: device-type name is already used.");
    EXPECT_EQ(said("scheduler.device_types.update", {"qemu", "virtual", false, nil, 5, "jobs", true}, "root"), "None");
    EXPECT_THAT(said("scheduler.device_types.show", {"qemu"}),
                HasSubstr("'description': 'virtual', 'display': False, 'health_disabled': True, "
                          "'health_denominator': 'jobs', 'health_frequency': 5"));
    EXPECT_EQ(said("scheduler.device_types.update", {"qemu", nil, nil, nil, nil, "weeks", nil}, "root"),
              "Fault 400: Bad request: invalid health_denominator.");
    EXPECT_EQ(said("scheduler.device_types.update", {"nope", nil, nil, nil, nil, nil, nil}, "root"),
              "Fault 404: Device-type 'nope' was not found.");
    EXPECT_THAT(said("scheduler.device_types.show", {"qemu"}), HasSubstr("'health_frequency': 5")) << "kept";
}

TEST_F(RpcAliasesTest, TagsAreAddedAndDeleted) {
    EXPECT_EQ(said("scheduler.tags.add", {"relay", "has one"}, "root"), "None");
    EXPECT_EQ(said("scheduler.tags.add", {"relay"}, "root"), "Fault 400: Bad request: tag already exists?");
    EXPECT_EQ(said("scheduler.tags.show", {"relay"}), "{'name': 'relay', 'description': 'has one', 'devices': []}");
    EXPECT_EQ(said("scheduler.tags.delete", {"usb"}, "root"), "Fault 400: tag 'usb' cannot go: device qemu-01 has it");
    EXPECT_EQ(said("scheduler.tags.delete", {"relay"}, "root"), "None");
    EXPECT_EQ(said("scheduler.tags.delete", {"relay"}, "root"), "Fault 404: Tag 'relay' was not found.");
}

}  // namespace
}  // namespace patchbay
