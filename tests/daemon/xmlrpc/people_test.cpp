// SPDX-License-Identifier: Apache-2.0
// Users, groups, permissions and remote artifact tokens over XML-RPC, and who may use which method.
#include "daemon/store/audit.hpp"
#include "daemon/store/remote_tokens.hpp"
#include "tests/daemon/store/lab_of_groups.hpp"
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class RpcPeopleTest : public RpcTest {
protected:
    const config::Value nil;
};

TEST_F(RpcPeopleTest, Lava2023AssignsPermissionsInSystem) {
    add_group(lab.lab, "lab");
    const config::List view{"view_device", "board-01", "lab"};
    EXPECT_EQ(said("system.assign_perm_device", view),
              "Fault 401: Authentication with user and token required for "
              "this API.");
    EXPECT_EQ(said("system.assign_perm_device", view, "bob"),
              "Fault 403: User 'bob' is missing permission lava_scheduler_app.change_device.");
    EXPECT_EQ(said("system.assign_perm_device", view, "root"), "None");
    EXPECT_EQ(said("scheduler.devices.perms_list", {"board-01"}, "root"), "[{'name': 'view_device', 'group': 'lab'}]");
    EXPECT_EQ(said("system.assign_perm_device", {"view_device", "board-01", "x"}, "root"),
              "Fault 400: please use existing group name");
    EXPECT_EQ(said("system.assign_perm_device", {"view_device", "x", "lab"}, "root"),
              "Fault 400: please use existing device hostname");
    EXPECT_EQ(said("system.assign_perm_device_type", {"view_devicetype", "x", "lab"}, "root"),
              "Fault 400: please use existing device type name");
    EXPECT_EQ(said("system.assign_perm_device", {"fly", "board-01", "lab"}, "root"),
              "Fault 404: Invalid permission 'fly'");
    EXPECT_EQ(said("system.revoke_perm_device", view, "root"), "None");
    EXPECT_EQ(said("scheduler.devices.perms_list", {"board-01"}), "[]");
    EXPECT_EQ(said("system.assign_perm_device_type", {"submit_to_devicetype", "board", "lab"}, "root"), "None");
    EXPECT_EQ(said("scheduler.device_types.perms_list", {"board"}),
              "[{'name': 'submit_to_devicetype', 'group': 'lab'}]");
    EXPECT_EQ(said("system.revoke_perm_device_type", {"submit_to_devicetype", "board", "lab"}, "root"), "None");
    EXPECT_EQ(Audit{lab.lab.reader()}.count({.who = "root"}), 4);
}

TEST_F(RpcPeopleTest, LaterVersionsDoItInSchedulerForStaff) {
    add_group(lab.lab, "lab");
    const config::List change{"board-01", "lab", "change_device"};
    EXPECT_EQ(said("scheduler.devices.perms_add", change, "bob"), "Fault 403: User 'bob' is not staff.");
    EXPECT_EQ(said("scheduler.devices.perms_add", change, "root"), "None");
    EXPECT_EQ(said("scheduler.devices.perms_add", {"board-01", "x", "change_device"}, "root"),
              "Fault 404: Group 'x' was not found.");
    EXPECT_EQ(said("scheduler.devices.perms_delete", change, "root"), "None");
    EXPECT_EQ(said("scheduler.device_types.perms_add", {"board", "lab", "view_devicetype"}, "root"), "None");
    EXPECT_EQ(said("scheduler.device_types.perms_delete", {"board", "lab", "view_devicetype"}, "root"), "None");
    EXPECT_EQ(Permissions{lab.lab.reader()}.count(Restrictable::device_type, {}), 0);
}

TEST_F(RpcPeopleTest, GroupsAreAdministered) {
    EXPECT_EQ(said("auth.groups.add", {"lab"}, "alice"),
              "Fault 403: User 'alice' is missing permission auth.add_group.");
    EXPECT_EQ(said("auth.groups.add", {"lab"}, "root"), "None");
    EXPECT_EQ(said("auth.groups.add", {"lab"}, "root"), "Fault 400: Bad request: group already exists?");
    EXPECT_EQ(said("auth.groups.list", {}, "root"), "['lab']");
    EXPECT_EQ(said("auth.groups.perms.add", {"lab", "auth", "user", "view_user"}, "root"), "None");
    EXPECT_EQ(said("auth.groups.perms.list", {"lab"}, "root"),
              "[{'app': 'auth', 'model': 'user', 'codename': 'view_user'}]");
    EXPECT_EQ(said("auth.groups.perms.add", {"lab", "auth", "fly", "view_user"}, "root"),
              "Fault 404: Invalid app.model 'auth.fly'");
    EXPECT_EQ(said("auth.groups.perms.add", {"lab", "auth", "user", "fly_user"}, "root"),
              "Fault 404: Invalid permission 'fly_user'");
    EXPECT_EQ(said("auth.groups.perms.add", {"lab", "lava_scheduler_app", "device", "delete_device"}, "root"),
              "Fault 404: Invalid permission 'delete_device': nobody is given it: devices come and go with the lab's "
              "configuration file (devices), and no permission changes it; change_device allows all else");
    EXPECT_THAT(said("scheduler.devices.delete", {"board-01"}, "bob"),
                HasSubstr("Fault 400: device 'board-01' comes from the lab's configuration file (devices)"));
    EXPECT_EQ(said("auth.users.groups.add", {"alice", "lab"}, "root"), "None");
    EXPECT_EQ(said("auth.groups.show", {"lab"}, "root"),
              "{'id': 1, 'name': 'lab', 'permissions': ['auth.user.view_user'], 'users': ['alice']}");
    EXPECT_THAT(said("auth.users.list", {}, "alice"), HasSubstr("'username': 'bob'")) << "by her group";
    EXPECT_EQ(said("auth.groups.perms.delete", {"lab", "auth", "user", "view_user"}, "root"), "None");
    EXPECT_EQ(said("auth.users.list", {}, "alice"), "Fault 403: User 'alice' is missing permission auth.view_user.");
    EXPECT_EQ(said("auth.groups.delete", {"lab"}, "root"), "None");
    EXPECT_EQ(said("auth.groups.show", {"lab"}, "root"), "Fault 404: Group 'lab' was not found.");
}

TEST_F(RpcPeopleTest, UsersAreAdministered) {
    EXPECT_EQ(said("auth.users.add", {"eve", "Eve", nil, "eve@example.org"}, "root"), "None");
    EXPECT_EQ(said("auth.users.add", {"eve"}, "root"), "Fault 400: Bad request: user already exists?");
    EXPECT_THAT(said("auth.users.show", {"eve"}, "root"), HasSubstr("'email': 'eve@example.org'"));
    EXPECT_EQ(said("auth.users.update", {"eve", nil, "Online"}, "root"), "None");
    EXPECT_THAT(said("auth.users.list", {}, "root"),
                HasSubstr("{'username': 'eve', 'last_name': 'Online', 'first_name': 'Eve', 'is_superuser': False"));
    EXPECT_EQ(said("auth.users.groups.add", {"eve", "new group"}, "root"), "None");
    EXPECT_EQ(said("auth.users.groups.list", {"eve"}, "root"), "['new group']");
    EXPECT_EQ(said("auth.users.groups.delete", {"eve", "new group"}, "root"), "None");
    EXPECT_EQ(said("auth.users.perms.add", {"eve", "lava_scheduler_app", "testjob", "view_testjob"}, "root"), "None");
    EXPECT_THAT(said("auth.users.show", {"eve"}, "root"),
                HasSubstr("'permissions': ['lava_scheduler_app.testjob.view_testjob']"));
    EXPECT_EQ(said("auth.users.perms.delete", {"eve", "lava_scheduler_app", "testjob", "view_testjob"}, "root"),
              "None");
    EXPECT_EQ(said("auth.users.perms.list", {"eve"}, "root"), "[]");
    EXPECT_EQ(said("system.set_user_groups", {"eve@example.org", config::Value{config::List{"a", "b"}}}, "bob"),
              "Fault 403: User 'bob' is not staff.");
    EXPECT_EQ(said("system.set_user_groups", {"eve@example.org", config::Value{config::List{"a", "b"}}}, "root"),
              "None");
    EXPECT_EQ(said("auth.users.groups.list", {"eve"}, "root"), "['a', 'b']");
    EXPECT_EQ(said("auth.users.delete", {"eve"}, "root"), "None");
    EXPECT_THAT(said("auth.users.show", {"eve"}, "root"), HasSubstr("'is_active': False"));
    EXPECT_EQ(said("auth.users.show", {"x"}, "root"), "Fault 404: User 'x' was not found.");
}

TEST_F(RpcPeopleTest, OnlySuperusersMakeSuperusers) {
    grant_everywhere(lab.lab, alice, "auth.add_user");
    grant_everywhere(lab.lab, alice, "auth.change_user");
    const config::List super{"eve", nil, nil, nil, true, false, true};
    EXPECT_EQ(said("auth.users.add", super, "alice"), "Fault 403: User 'alice' is not a superuser.");
    EXPECT_EQ(said("auth.users.add", {"eve"}, "alice"), "None");
    EXPECT_EQ(said("auth.users.update", super, "alice"), "Fault 403: User 'alice' is not a superuser.");
    EXPECT_EQ(said("auth.users.delete", {"root"}, "alice"), "Fault 403: User 'alice' is not a superuser.");
    EXPECT_EQ(said("auth.users.update", super, "root"), "None");
}

TEST_F(RpcPeopleTest, RemoteArtifactTokensAreTheCallersOwn) {
    EXPECT_EQ(said("scheduler.remote_artifact_tokens.add", {"nexus", "s3cr3t"}, "alice"), "None");
    EXPECT_EQ(said("scheduler.remote_artifact_tokens.list", {}, "alice"), "['nexus']");
    EXPECT_EQ(said("scheduler.remote_artifact_tokens.list", {}, "root"), "[]");
    EXPECT_EQ(RemoteTokens{lab.lab.reader()}.values(alice).at("nexus"), "s3cr3t");
    const auto refused = said("scheduler.remote_artifact_tokens.add", {"two", "s3cr3t\n"}, "alice");
    EXPECT_THAT(refused, HasSubstr("Fault 400: remote token 'two': a secret has"));
    EXPECT_THAT(refused, Not(HasSubstr("s3cr3t")));
    EXPECT_EQ(said("scheduler.remote_artifact_tokens.delete", {"nexus"}, "bob"),
              "Fault 404: Token 'nexus' was not found.");
    EXPECT_EQ(said("scheduler.remote_artifact_tokens.delete", {"nexus"}, "alice"), "None");
}

}  // namespace
}  // namespace patchbay
