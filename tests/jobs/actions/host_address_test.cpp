// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/host_address.hpp"

#include <boost/asio/io_context.hpp>

#include "core/net/own_address.hpp"
#include "devices/capability/network.hpp"
#include "tests/jobs/actions/loader_job.hpp"
#include "tests/jobs/actions/tftp_job.hpp"

namespace patchbay {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A board on a network card of its own.
struct BoardsNetwork final : Network {
    std::string fails;
    std::string host_address() override {
        if (!fails.empty()) throw InfrastructureError{fails};
        return "10.0.0.1";
    }
    std::optional<std::string> address() const override { return "10.0.0.17"; }
    std::optional<std::string> mac() const override { return "52:54:00:ab:cd:ef"; }
};

struct FetchingBoard : ::testing::Test {
    SimJob job;
    std::shared_ptr<BoardsNetwork> network = std::make_shared<BoardsNetwork>();
    FetchingBoard() {
        job.description = loader_device(
            "      u-boot:\n        parameters: {bootloader_prompt: '=>', interrupt_prompt: 'Hit any key', "
            "interrupt_char: ''}\n"
            "        ramdisk: {commands: ['setenv serverip {SERVER_IP}', 'echo {LAVA_DISPATCHER_IP} {LAVA_MAC}', "
            "'{BOOTX}']}\n",
            "");
        play_loader(*job.board, "=> ", "booti");
        job.board->network = network;
        job.board->boot = {say("Hit any key to stop autoboot:  2 "), expect_line(""), say_prompt()};
        job.definition = job_text(
            "- boot: {method: u-boot, commands: ramdisk, prompts: ['root@board01:'], timeout: {minutes: 3}}\n");
        job.prepare = [](JobContext& context) {
            put_boot_file(context, "kernel", "Image");
            context.state("common").boot.boot_command = "booti";
        };
    }
};

TEST_F(FetchingBoard, IsToldTheAddressThatItsNetworkSays) {
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("setenv serverip 10.0.0.1\necho 10.0.0.1 52:54:00:ab:cd:ef\nbooti"));
}

TEST_F(FetchingBoard, IsToldWhatTheLabHasSet) {
    job.settings.dispatcher_ip = "192.0.2.1";
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("setenv serverip 192.0.2.1\necho 192.0.2.1 52:54:00:ab:cd:ef\n"));
}

TEST_F(FetchingBoard, IsToldAnAddressForTftpAlone) {
    job.settings.tftp_ip = "192.0.2.2";
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("setenv serverip 192.0.2.2\necho 10.0.0.1 "));
}

TEST_F(FetchingBoard, ThatNoRouteLeadsToEndsTheJobBeforeItIsSwitchedOn) {
    network->fails = "device board01: network: no route to 10.0.0.17";
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("device board01: network: no route to 10.0.0.17"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(FetchingBoard, ThatFetchesNothingDoesWithout) {
    network->fails = "device board01: network: no route to 10.0.0.17";
    job.prepare = nullptr;
    job.definition = job_text(
        "- boot: {method: u-boot, commands: ['echo {SERVER_IP}', 'echo local; booti'], prompts: ['root@board01:'], "
        "timeout: {minutes: 3}}\n");
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, AllOf(HasSubstr("echo local"), Not(HasSubstr("SERVER_IP"))));
    EXPECT_TRUE(job.sink.has("debug", "no route to 10.0.0.17"));
}

struct NetworkOverlay : Tftp {
    std::string look() {
        const auto overlay =
            "tests=$(python3 walk.py $T/ramdisk/ramdisk.cpio.gz | grep -o '[^ ]*lava-42$' | head -n 1); "
            "python3 walk.py $T/ramdisk/ramdisk.cpio.gz $tests/environment $tests/bin/lava-target-ip "
            "$tests/bin/lava-target-mac";
        run(std::string{kernel} + ramdisk, overlay, test);
        return seen();
    }
};

TEST_F(NetworkOverlay, TellsTestsOfTheDevicesNetwork) {
    job.board->network = std::make_shared<BoardsNetwork>();
    job.settings.dispatcher_ip = job.settings.tftp_ip = job.settings.nfs_ip = "";
    job.description.parameters.set("interfaces", config::parse_yaml("{target: {ip: 10.9.9.9}}"));
    EXPECT_THAT(look(), AllOf(HasSubstr("LAVA_DISPATCHER_IP=10.0.0.1\n"), HasSubstr("LAVA_TARGET_IP=10.0.0.17\n"),
                              HasSubstr("LAVA_TARGET_MAC=52:54:00:ab:cd:ef\n")));
}

TEST_F(NetworkOverlay, TellsTestsWhatLavasDeviceFileSaysWhereThereIsNoNetwork) {
    job.description.parameters.set("interfaces", config::parse_yaml("{target: {ip: 10.9.9.9}}"));
    EXPECT_THAT(look(), AllOf(HasSubstr("LAVA_DISPATCHER_IP=192.0.2.1\n"), HasSubstr("LAVA_TARGET_IP=10.9.9.9\n"),
                              Not(HasSubstr("LAVA_TARGET_MAC="))));
}

TEST(DefaultRoute, IsForDevicesOfWhichNothingElseIsKnown) {
    boost::asio::io_context io;
    const auto board = std::make_shared<SimBoard>();
    RunnerSettings plain, configured, asks_network;
    use_default_route(plain, make_sim_device(io.get_executor(), "sim-01", board));
    EXPECT_EQ(plain.dispatcher_ip, own_address());
    configured.dispatcher_ip = "192.0.2.1";
    use_default_route(configured, make_sim_device(io.get_executor(), "sim-01", board));
    EXPECT_EQ(configured.dispatcher_ip, "192.0.2.1");
    board->network = std::make_shared<BoardsNetwork>();
    use_default_route(asks_network, make_sim_device(io.get_executor(), "sim-01", board));
    EXPECT_EQ(asks_network.dispatcher_ip, "");
}

}  // namespace
}  // namespace patchbay
