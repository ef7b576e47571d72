// SPDX-License-Identifier: Apache-2.0
#include "devices/capability/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "core/config/yaml.hpp"
#include "core/net/own_address.hpp"
#include "core/process/words.hpp"
#include "devices/qemu_template.hpp"
#include "drivers/builtin.hpp"
#include "drivers/qemu/network.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

DeviceDescription board(const std::string& hardware) {
    const auto file = config::parse_yaml(
        "hostname: board-01\ndevicetype: board\nconstants: {}\nparameters: {}\n"
        "actions: {deploy: {methods: {}}, boot: {methods: {minimal: null}}}\ntimeouts: {actions: {}, connections: {}}\n"
        "hardware:\n" +
        hardware);
    return read_device(file, "board-01.yaml");
}

struct NetworkTest : ::testing::Test {
    boost::asio::io_context io;
    testing::TemporaryFolder root;  ///< holds the /sys of a test

    Device device(const DeviceDescription& description) {
        DriverContext context{io.get_executor(), std::make_shared<ProcessScope>("network-test"), root.path, root.path};
        context.root = root.path;
        return make_device(description, context, "board-01.yaml");
    }
    Device wired(const std::string& keys) { return device(board("  network: {driver: static, " + keys + "}\n")); }
    std::string host_of(const Device& device) {
        try {
            return device.need<Network>().host_address();
        } catch (const InfrastructureError& error) {
            return error.what();
        }
    }
    std::string mistakes(const std::string& hardware) {
        try {
            device(board(hardware));
            return "none";
        } catch (const ConfigurationError& error) {
            return error.what();
        }
    }
    Device machine(const std::string& netdevice) {
        const config::Map variables{{"netdevice", netdevice}, {"mac_addr", "52:54:00:12:34:01"}};
        return device(read_device(render_qemu(variables, {}, "qemu-01", "qemu"), "qemu-01"));
    }
};

TEST_F(NetworkTest, OfABoardIsReachedFromTheAddressThatItsRouteHas) {
    const auto board = wired("address: 127.0.0.1, mac: 52:54:00:ab:cd:ef");
    auto& network = board.need<Network>();
    EXPECT_EQ(network.host_address(), "127.0.0.1");
    EXPECT_EQ(network.address(), "127.0.0.1");
    EXPECT_EQ(network.mac(), "52:54:00:ab:cd:ef");
}

TEST_F(NetworkTest, OfABoardBehindANamedInterfaceIsReachedFromThatInterfacesAddress) {
    const auto board = wired("interface: lo, address: 255.255.255.255");
    EXPECT_EQ(host_of(board), "127.0.0.1");
    const auto unknown = wired("interface: lo");
    EXPECT_EQ(unknown.need<Network>().address(), std::nullopt);
    EXPECT_EQ(unknown.need<Network>().mac(), std::nullopt);
}

TEST_F(NetworkTest, OfABoardOfWhichOnlyTheMacIsKnownIsThatOfTheDefaultRoute) {
    const auto board = wired("mac: 52:54:00:ab:cd:ef");
    const auto own = own_address();
    if (own.empty()) {
        EXPECT_THAT(host_of(board), HasSubstr("this machine has no default route; give the board's 'address' or"));
    } else {
        EXPECT_EQ(host_of(board), own);
    }
}

TEST_F(NetworkTest, ThatCannotBeReachedIsAnErrorThatNamesDeviceReasonAndNextStep) {
    // Nobody may simply send to all: of every machine's routes the one that is refused.
    EXPECT_EQ(
        host_of(wired("address: 255.255.255.255")),
        "device board-01: network: no route to 255.255.255.255: Permission denied; give this machine an address in "
        "the network of the board, or the device the 'interface' that leads there");
    EXPECT_THAT(
        host_of(wired("interface: boards0")),
        AllOf(HasSubstr("device board-01: network: this machine has no network interface 'boards0', but "),
              HasSubstr("; see `ip -brief address`, and give the interface an address or correct 'interface'")));
}

TEST_F(NetworkTest, MistakesAreNamedWithTheirLine) {
    const auto said = mistakes(
        "  network:\n    driver: static\n    address: board.example\n    mac: 52:54:00:12:34:01\n"
        "    interface: an interface\n    gateway: 10.0.0.1\n");
    EXPECT_THAT(said,
                HasSubstr("board-01.yaml:10:14: hardware.network.address: must be the board's IPv4 address, such as"));
    EXPECT_THAT(said, HasSubstr("board-01.yaml:11:10: hardware.network.mac: YAML takes this for a number"));
    EXPECT_THAT(said, HasSubstr("board-01.yaml:12:16: hardware.network.interface: must be the name of a network"));
    EXPECT_THAT(said, HasSubstr("board-01.yaml:13:5: hardware.network: unknown key 'gateway'"));
    EXPECT_THAT(mistakes("  network: {driver: static, mac: 'aa:bb'}\n"), HasSubstr("must be six pairs of digits"));
    EXPECT_THAT(mistakes("  network: {driver: static}\n"), HasSubstr("missing: give the board's address, its mac, or"));
    EXPECT_THAT(mistakes("  network: {driver: dhcp}\n"),
                HasSubstr("unknown driver 'dhcp'; for network there are static"));
    EXPECT_THAT(mistakes("  network: {lan: {driver: static, interface: lo}}\n"), HasSubstr("a device has one network"));
}

// --- QEMU -----------------------------------------------------------------------------------------------------------

TEST_F(NetworkTest, OfAMachineInTheUserNetworkIsQemus) {
    const auto plain = machine("user");
    EXPECT_EQ(host_of(plain), "10.0.2.2");
    EXPECT_EQ(plain.need<Network>().address(), std::nullopt);
    EXPECT_EQ(plain.need<Network>().mac(), "52:54:00:12:34:01");
    EXPECT_EQ(host_of(machine("user,net=192.168.76.0/24")), "192.168.76.2");
}

TEST_F(NetworkTest, OfAMachineWithATapIsThatOfTheTapOrOfItsBridge) {
    EXPECT_EQ(host_of(machine("tap,ifname=lo,script=no")), "127.0.0.1");
    std::filesystem::create_directories(root.path / "sys/class/net/tap7");
    std::filesystem::create_symlink("../../virtual/net/lo", root.path / "sys/class/net/tap7/master");
    EXPECT_EQ(host_of(machine("tap,ifname=tap7,script=no")), "127.0.0.1");
    EXPECT_EQ(host_of(machine("bridge,br=lo")), "127.0.0.1");
    EXPECT_THAT(host_of(machine("tap,ifname=tap8,script=no")),
                AllOf(HasSubstr("device qemu-01: network: this machine has no network interface 'tap8'"),
                      HasSubstr("; make the machine's bridge or tap before it starts, or set 'dispatcher_ip'")));
}

QemuNetwork of_words(const std::string& line) { return read_qemu_network(split_words(line)); }

TEST(QemuNetworks, AreReadAsQemuReadsThem) {
    for (const auto& [line, host] : std::vector<std::pair<std::string, std::string>>{
             {"", "10.0.2.2"},
             {"-net none", "10.0.2.2"},
             {"-netdev user,id=n0,host=10.9.0.1,net=10.9.0.0/16", "10.9.0.1"},
             {"-nic user,net=10.9.0.0/255.255.0.0", "10.9.2.2"},
             {"-nic user,net=10.0.0.0", "10.0.2.2"},
             {"-nic user,net=192.168.0.0", "192.168.2.2"},
             {"-nic user,net=fast", "10.0.2.2"},
             {"-netdev user,id=a -netdev tap,id=b,ifname=tap0", "10.0.2.2"},
         }) {
        EXPECT_EQ(of_words(line).host, host) << line;
    }
    for (const auto& [line, interface] : std::vector<std::pair<std::string, std::string>>{
             {"-netdev tap,id=n0,ifname=tap3,script=no", "tap3"},
             {"-net nic -net tap", ""},
             {"-nic tap,br=lab,helper=/usr/lib/qemu/qemu-bridge-helper", "lab"},
             {"--nic bridge", "br0"},
             {"-netdev tap,id=b,ifname=tap0 -netdev user,id=a", "tap0"},
         }) {
        EXPECT_EQ(of_words(line).host, std::nullopt) << line;
        EXPECT_EQ(of_words(line).interface, interface) << line;
    }
    EXPECT_EQ(of_words("-device virtio-blk,drive=a -device virtio-net,netdev=n,mac=52:54:00:00:00:07").mac,
              "52:54:00:00:00:07");
    EXPECT_EQ(of_words("-nic user -append mac=x").mac, std::nullopt);
}

}  // namespace
}  // namespace patchbay
