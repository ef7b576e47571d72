// SPDX-License-Identifier: Apache-2.0
// Devices, their types and what else a lab has, over XML-RPC.
#include "daemon/store/audit.hpp"
#include "daemon/store/workers.hpp"
#include "tests/daemon/xmlrpc/rpc_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::MatchesRegex;

class RpcLabTest : public RpcTest {
protected:
    std::string health(const std::string& device) {
        return std::string{to_string(Devices{lab.lab.reader()}.find(device)->health)};
    }
    void set_health(const std::string& device, DeviceHealth health) {
        auto set = [device, health](Database& db) { Devices{db}.set_health(device, health, "test", wall_now()); };
        lab.lab.write(std::move(set));
    }
    bool is_known(const std::string& token, const std::string& worker) {
        return Workers{lab.lab.reader()}.find(worker)->token_hash == sha256_hex(token);
    }
    static std::string bytes(const config::Value& value) {
        const auto* binary = std::get_if<config::Binary>(&value.storage());
        return binary ? binary->bytes : "no base64: " + config::python_str(value);
    }
    const config::Value nil;
};

TEST_F(RpcLabTest, DevicesAreListedAndShown) {
    lab.schedule(submit(), "qemu-01");
    set_health("qemu-02", DeviceHealth::retired);
    EXPECT_EQ(said("scheduler.devices.list"),
              "[{'hostname': 'board-01', 'type': 'board', 'health': 'Good', 'state': 'Idle', 'current_job': None, "
              "'pipeline': True}, {'hostname': 'qemu-01', 'type': 'qemu', 'health': 'Good', 'state': 'Reserved', "
              "'current_job': 1, 'pipeline': True}]");
    EXPECT_THAT(said("scheduler.devices.list", {true}), HasSubstr("'qemu-02', 'type': 'qemu', 'health': 'Retired'"));
    EXPECT_EQ(
        said("scheduler.devices.show", {"qemu-01"}),
        "{'hostname': 'qemu-01', 'device_type': 'qemu', 'health': 'Good', 'state': 'Reserved', 'health_job': False, "
        "'description': None, 'pipeline': True, 'has_device_dict': True, 'worker': 'bench', 'current_job': 1, "
        "'tags': ['usb'], 'permissions': [], 'public': True, 'user': None, 'group': None}");
    EXPECT_EQ(said("scheduler.devices.show", {"nope"}), "Fault 404: Device 'nope' was not found.");
    EXPECT_EQ(said("scheduler.devices.tags.list", {"qemu-01"}), "['usb']");
}

TEST_F(RpcLabTest, OldWordsOfDevices) {
    lab.schedule(submit(), "qemu-01");
    set_health("qemu-02", DeviceHealth::bad);
    EXPECT_EQ(said("scheduler.all_devices"),
              "[['board-01', 'board', 'idle', None, True], ['qemu-01', 'qemu', 'reserved', 1, True], "
              "['qemu-02', 'qemu', 'offline', None, True]]");
    EXPECT_EQ(said("scheduler.all_device_types"),
              "[{'name': 'board', 'busy': 0, 'idle': 1, 'offline': 0}, {'name': 'qemu', 'busy': 1, 'idle': 0, "
              "'offline': 1}]");
    EXPECT_EQ(said("scheduler.get_device_status", {"qemu-01"}),
              "{'hostname': 'qemu-01', 'status': 'reserved', 'job': 1, 'offline_since': None, 'offline_by': None, "
              "'is_pipeline': True}");
    submit("waits");
    EXPECT_EQ(said("scheduler.pending_jobs_by_device_type"), "{'board': 0, 'qemu': 1}");
    set_health("board-01", DeviceHealth::retired);
    EXPECT_THAT(said("scheduler.get_device_status", {"board-01"}), HasSubstr("'status': 'retired'"));
    EXPECT_THAT(said("scheduler.all_device_types"), Not(HasSubstr("board")));
}

TEST_F(RpcLabTest, DictionariesAreThoseOfRest) {
    const std::string rest = "/api/v0.2/devices/qemu-01/dictionary/";
    EXPECT_EQ(bytes(value("scheduler.devices.get_dictionary", {"qemu-01"})), lab.get(rest).body);
    EXPECT_EQ(bytes(value("scheduler.export_device_dictionary", {"qemu-01"})), lab.get(rest).body);
    EXPECT_EQ(bytes(value("scheduler.devices.get_dictionary", {"qemu-01", true, "{memory: 1024}"})),
              lab.get(rest + "?render=true&context=%7Bmemory%3A+1024%7D").body);
    EXPECT_EQ(bytes(value("scheduler.get_device_config", {"qemu-01"})), lab.get(rest + "?render=true").body);
    EXPECT_THAT(said("scheduler.get_device_config", {"qemu-01", "[1"}),
                HasSubstr("Fault 400: Job Context '[1' is not valid"));
    EXPECT_EQ(said("scheduler.devices.get_dictionary", {"qemu-02"}),
              "Fault 404: Device 'qemu-02' does not have a configuration");
}

TEST_F(RpcLabTest, TemplatesAreUploadedByThoseWhoMayChangeTheType) {
    const std::string text = "constants: {}\n";
    EXPECT_EQ(said("scheduler.device_types.set_template", {"board", text}, "root"), "None");
    EXPECT_EQ(bytes(value("scheduler.device_types.get_template", {"board"})), text);
    EXPECT_THAT(said("scheduler.device_types.list"),
                HasSubstr("'name': 'board', 'devices': 1, 'installed': True, 'template': True"));
    EXPECT_THAT(said("scheduler.device_types.set_template", {"board", "{% if %}"}, "root"),
                HasSubstr("board.jinja2:1: "));
    EXPECT_THAT(said("scheduler.device_types.set_template", {"board", text}, "bob"), HasSubstr("Fault 403"));
    EXPECT_THAT(said("scheduler.devices.set_dictionary", {"qemu-01", "x"}, "root"),
                HasSubstr("comes from the lab's configuration file (devices)"));
}

TEST_F(RpcLabTest, OnlySuperusersSetTheHealthOfADevice) {
    const config::List maintenance{"qemu-01", nil, nil, nil, nil, "MAINTENANCE", nil};
    EXPECT_EQ(said("scheduler.devices.update", maintenance),
              "Fault 401: Authentication with user and token required for this API.");
    EXPECT_EQ(said("scheduler.devices.update", maintenance, "bob"),
              "Fault 403: User 'bob' needs admin permission on device qemu-01.");
    EXPECT_EQ(health("qemu-01"), "Good");
    EXPECT_EQ(said("scheduler.devices.update", maintenance, "root"), "None");
    EXPECT_EQ(health("qemu-01"), "Maintenance");
    EXPECT_EQ(said("scheduler.put_into_online_mode", {"qemu-01", "mended"}, "root"), "None");
    EXPECT_EQ(health("qemu-01"), "Unknown");
    EXPECT_EQ(said("scheduler.put_into_maintenance_mode", {"qemu-01", "smoke came out"}, "root"), "None");
    EXPECT_EQ(Devices{lab.lab.reader()}.health_history("qemu-01", 1)[0].reason.text, "smoke came out (root)");
    EXPECT_EQ(said("scheduler.devices.update", {"qemu-01", nil, nil, nil, nil, "FINE"}, "root"),
              "Fault 400: Health 'FINE' is invalid");
    EXPECT_THAT(said("scheduler.devices.update", {"qemu-01", "other", nil, nil, nil, "GOOD"}, "root"),
                HasSubstr("Fault 400: Only the health and the tags of a device can be set"));
    EXPECT_EQ(said("scheduler.put_into_maintenance_mode", {"nope", ""}, "root"),
              "Fault 404: Device 'nope' was not found.");
}

TEST_F(RpcLabTest, TypesTagsAndTheWorker) {
    EXPECT_EQ(said("scheduler.device_types.list"),
              "[{'name': 'board', 'devices': 1, 'installed': True, 'template': False}, "
              "{'name': 'qemu', 'devices': 2, 'installed': True, 'template': False}]");
    EXPECT_EQ(
        said("scheduler.device_types.show", {"qemu"}),
        "{'name': 'qemu', 'description': None, 'display': True, 'health_disabled': False, 'health_denominator': "
        "'hours', 'health_frequency': 24, 'aliases': [], 'devices': ['qemu-01', 'qemu-02'], 'default_template': True, "
        "'permissions': [], 'owners_only': False}");
    EXPECT_EQ(said("scheduler.device_types.show", {"x"}), "Fault 404: Device-type 'x' was not found.");
    EXPECT_THAT(said("scheduler.device_types.get_template", {"qemu"}), HasSubstr("Fault 404: "));
    EXPECT_EQ(said("scheduler.tags.list"), "[{'name': 'usb', 'description': None}]");
    EXPECT_EQ(said("scheduler.tags.show", {"usb"}), "{'name': 'usb', 'description': None, 'devices': ['qemu-01']}");
    EXPECT_EQ(said("scheduler.tags.show", {"x"}), "Fault 404: Tag 'x' was not found.");
    EXPECT_EQ(said("scheduler.aliases.list"), "[]");
    EXPECT_EQ(said("scheduler.workers.list"), "['bench']");
    EXPECT_THAT(said("scheduler.workers.show", {"bench"}), HasSubstr("'devices': ['board-01', 'qemu-01', 'qemu-02']"));
    EXPECT_EQ(said("scheduler.workers.show", {"nope"}), "Fault 404: Worker 'nope' was not found.");
    EXPECT_EQ(said("scheduler.get_publisher_event_socket"), "");
    lab.settings.events.zmq = ZmqSettings{"tcp://*:5500"};
    EXPECT_EQ(said("scheduler.get_publisher_event_socket"), "tcp://*:5500");
}

TEST_F(RpcLabTest, TagsOfADeviceAreAddedAndDeletedAndDevicesThemselvesAreNot) {
    EXPECT_EQ(said("scheduler.devices.tags.add", {"qemu-01", "relay"}, "root"), "None");
    EXPECT_EQ(said("scheduler.devices.tags.list", {"qemu-01"}), "['usb', 'relay']");
    EXPECT_EQ(said("scheduler.devices.tags.delete", {"qemu-01", "relay"}, "root"), "None");
    EXPECT_EQ(said("scheduler.devices.tags.list", {"qemu-01"}), "['usb']");
    EXPECT_THAT(said("scheduler.devices.tags.delete", {"qemu-01", "usb"}, "root"),
                HasSubstr("Fault 400: tag 'usb' of device qemu-01 comes from the lab's configuration file"));
    EXPECT_EQ(said("scheduler.devices.tags.delete", {"qemu-01", "nope"}, "root"),
              "Fault 404: Tag 'nope' was not found.");
    EXPECT_EQ(said("scheduler.devices.tags.add", {"nope", "x"}, "root"), "Fault 404: Device 'nope' was not found.");
    EXPECT_EQ(said("scheduler.devices.tags.add", {"qemu-01", "x"}, "bob"),
              "Fault 403: User 'bob' needs admin permission on device qemu-01.");
    EXPECT_THAT(said("scheduler.devices.add", {"new", "qemu", "bench"}, "root"),
                HasSubstr("Fault 400: device 'new' comes from the lab's configuration file (devices)"));
    EXPECT_THAT(said("scheduler.devices.set_dictionary", {"qemu-01", "{}"}, "root"), HasSubstr("Fault 400: "));
}

TEST_F(RpcLabTest, AWorkerIsUpdatedAsLavacliDoes) {
    EXPECT_EQ(said("scheduler.workers.update", {"bench", nil, "MAINTENANCE", nil}, "bob"),
              "Fault 403: User 'bob' is missing permission lava_scheduler_app.change_worker.");
    EXPECT_EQ(said("scheduler.workers.update", {"bench", "under the desk", "MAINTENANCE", 3}, "root"), "None");
    EXPECT_THAT(said("scheduler.workers.show", {"bench"}),
                HasSubstr("'description': 'under the desk', 'state': 'Online', 'health': 'Maintenance'"));
    EXPECT_THAT(said("scheduler.workers.show", {"bench"}), HasSubstr("'job_limit': 3"));
    EXPECT_EQ(health("qemu-01"), "Good") << "maintenance only stops new jobs";
    EXPECT_EQ(said("scheduler.workers.update", {"bench", nil, "ACTIVE", nil}, "root"), "None");
    EXPECT_EQ(health("qemu-01"), "Unknown") << "to be checked before it is trusted again";
    EXPECT_EQ(said("scheduler.workers.update", {"bench", nil, "LAZY", nil}, "root"), "Fault 400: Invalid health: LAZY");
    EXPECT_EQ(said("scheduler.workers.update", {"bench", nil, nil, -1}, "root"), "Fault 400: Invalid job limit");
    EXPECT_EQ(said("scheduler.workers.update", {"nope", nil, nil, nil}, "root"),
              "Fault 404: Worker 'nope' was not found.");
    EXPECT_EQ(said("scheduler.workers.update", {"bench", nil, "RETIRED", nil}, "root"), "None");
    EXPECT_EQ(said("scheduler.workers.list", {false}), "[]");
    EXPECT_EQ(said("scheduler.workers.list"), "['bench']");
}

TEST_F(RpcLabTest, TheFilesOfAWorkerAreInTheConfigurationOfItsDaemon) {
    EXPECT_EQ(said("scheduler.workers.get_config", {"bench"}),
              "Fault 404: Worker 'bench' does not have a dispatcher configuration");
    EXPECT_EQ(said("scheduler.workers.get_env", {"bench"}), "Fault 404: Worker 'bench' does not have an env file");
    EXPECT_EQ(said("scheduler.workers.get_env_dut", {"bench"}),
              "Fault 404: Worker 'bench' does not have an env-dut file");
    lab.settings.env_dut = config::parse_yaml("overrides: {PROXY: x}");
    EXPECT_EQ(bytes(value("scheduler.workers.get_env_dut", {"bench"})), "overrides:\n  PROXY: x\n");
    for (const std::string method : {"set_config", "set_env", "set_env_dut"})
        EXPECT_THAT(said("scheduler.workers." + method, {"bench", "purge: true"}, "root"),
                    HasSubstr("Fault 400: worker 'bench': what it is like and which devices it has stands in the"));
}

TEST_F(RpcLabTest, AWorkerIsAddedAndDeleted) {
    EXPECT_EQ(said("scheduler.workers.add", {"rack-2"}),
              "Fault 401: Authentication with user and token required for this API.");
    EXPECT_EQ(said("scheduler.workers.add", {"rack-2"}, "bob"),
              "Fault 403: User 'bob' is missing permission lava_scheduler_app.add_worker.");
    const auto token = said("scheduler.workers.add", {"rack-2"}, "root");
    EXPECT_THAT(token, MatchesRegex("[a-zA-Z0-9]{32}"));
    EXPECT_TRUE(is_known(token, "rack-2"));
    EXPECT_FALSE(is_known(token + "x", "rack-2"));
    EXPECT_THAT(said("scheduler.workers.show", {"rack-2"}, "root"), Not(HasSubstr(token)));
    EXPECT_EQ(said("scheduler.workers.add", {"rack-2"}, "root"), "Fault 400: Bad request: worker already exists?");
    EXPECT_EQ(said("scheduler.workers.add", {"bench"}, "root"), "Fault 400: Bad request: worker already exists?");
    EXPECT_TRUE(is_known(token, "rack-2")) << "a worker that is there keeps its token";
    EXPECT_EQ(said("scheduler.workers.add", {"../rack"}, "root"), "Fault 400: Invalid worker name");
    EXPECT_THAT(said("scheduler.workers.add", {"rack-3", "the shelf", true}, "root"), MatchesRegex("[a-zA-Z0-9]{32}"));
    EXPECT_THAT(said("scheduler.workers.show", {"rack-3"}),
                HasSubstr("'description': 'the shelf', 'state': 'Offline', 'health': 'Retired'"));
    EXPECT_EQ(said("scheduler.workers.delete", {"rack-2"}, "root"), "None");
    const auto deeds = Audit{lab.lab.reader()}.list({.object = "rack-2"});
    ASSERT_EQ(deeds.size(), 2U);
    EXPECT_EQ(deeds[1].deed.who + " " + deeds[1].deed.action, "root worker.token");
}

TEST_F(RpcLabTest, RightsCanBeAskedFor) {
    auto personal = definition();
    personal.replace(personal.find("public"), 6, "personal");
    ASSERT_EQ(value("scheduler.jobs.submit", {personal}, "alice"), config::Value{1});
    const config::Value ids{config::List{1, "1", 99}};
    EXPECT_EQ(said("system.user_can_view_jobs", {ids}, "alice"), "{'1': True}");
    EXPECT_EQ(said("system.user_can_view_jobs", {ids}, "bob"), "{'1': False}");
    EXPECT_EQ(said("system.user_can_view_jobs", {ids, "alice"}, "root"), "{'1': True}");
    EXPECT_EQ(said("system.user_can_view_jobs", {ids, "alice"}, "bob"), "Fault 403: User 'bob' is not a superuser.");
    EXPECT_EQ(said("system.user_can_view_jobs", {ids, "eve"}, "root"), "Fault 404: User 'eve' was not found.");
    EXPECT_EQ(said("system.user_can_view_jobs", {"bob", ids}, "bob"), "Fault 400: job list argument must be a list");
    EXPECT_EQ(said("system.user_can_view_devices", {config::Value{config::List{"qemu-01", "nope"}}}, "bob"),
              "{'qemu': [{'qemu-01': {'is_pipeline': True, 'visible': True, 'exclusive': True}}]}");
    EXPECT_EQ(said("system.user_can_submit_to_types", {config::Value{config::List{"qemu", "nope"}}}, "bob"),
              "{'qemu': True}");
}

}  // namespace
}  // namespace patchbay
