// SPDX-License-Identifier: Apache-2.0
// What `patchbay suggest` says of trees as the kernel shows them. Every entry goes through the reader of devices'
// files.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "core/config/yaml.hpp"
#include "drivers/suggest/suggest.hpp"
#include "tests/support/described.hpp"
#include "tests/support/sim_usb.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Suggesting : ::testing::Test {
    TemporaryFolder folder;
    UsbTree tree{folder.path};
    asio::io_context io;
    SimHub usb1{2}, usb2{2, true};

    Suggesting() {
        put(tree.folder("usb1") / "speed", "480");
        put(tree.folder("usb2") / "speed", "10000");
        usb1.switching = usb2.switching = 2;
        usb1.plug(tree.device_node("usb1"));
        usb2.plug(tree.device_node("usb2"));
    }

    static void put(const fs::path& file, const std::string& text) {
        fs::create_directories(file.parent_path());
        std::ofstream{file} << text << '\n';
    }

    void serial_port(const std::string& path, int interface, const std::string& name, int port_number = -1) {
        const auto below = name + "/tty/" + name;
        tree.node("class/tty", path, interface, below);
        if (port_number >= 0)
            put(fs::canonical(tree.root / "sys/class/tty" / name) / "../../port_number", std::to_string(port_number));
        put(tree.root / "dev" / name, "");
    }

    void port_of_machine(const std::string& name, const std::string& type, const std::string& console = "N") {
        const auto at = tree.root / "sys/devices/platform/serial8250/tty" / name;
        put(at / "type", type);
        put(at / "console", console);
        fs::create_directory_symlink("../..", at / "device");
        fs::create_directories(tree.root / "sys/class/tty");
        fs::create_directory_symlink(at, tree.root / "sys/class/tty" / name);
        put(tree.root / "dev" / name, "");
    }

    /// All of it, after every entry was read back.
    std::vector<Suggestion> all() {
        auto found = suggest_hardware(tree.root);
        DriverContext context{io.get_executor(), nullptr, tree.root, tree.root};
        for (const auto& each : found) {
            if (each.keys.empty()) continue;
            const auto indented =
                "  " + (each.capability == "line" ? "line: {x: " + each.yaml().substr(6) + "}" : each.yaml());
            EXPECT_EQ(refusal_of(indented + "\n", context), "") << each.yaml();
        }
        return found;
    }

    std::vector<std::string> entries() {
        std::vector<std::string> texts;
        for (const auto& each : all()) texts.push_back(each.yaml());
        return texts;
    }
};

TEST_F(Suggesting, AnAdapterIsNamedByItsSerialNumberWhereThatIsTheOnlyOne) {
    tree.plug("1-2", {"0403", "6001", "FT232R USB UART", "A50285BI"});
    tree.plug("1-3", {"0403", "6001", "FT232R USB UART", "0042"});
    serial_port("1-2", 0, "ttyUSB1");
    serial_port("1-3", 0, "ttyUSB0");
    const auto found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].yaml(), "console: {driver: serial, serial_number: A50285BI}");
    EXPECT_EQ(found[0].what, "FT232R USB UART (0403:6001, serial number A50285BI, usb_path 1-2), now /dev/ttyUSB1");
    EXPECT_EQ(found[1].yaml(), "console: {driver: serial, serial_number: \"0042\"}") << "YAML takes 0042 for a number";
}

TEST_F(Suggesting, ASerialNumberThatManyHaveIsNotTaken) {
    int socket = 2;
    for (const auto* serial : {"0001", "0", "1", "00000000", "12345678"}) {
        const auto path = "1-" + std::to_string(socket);
        tree.plug(path, {"10c4", "ea60", "CP2102", serial});
        serial_port(path, 0, "ttyUSB" + std::to_string(socket++));
    }
    for (const auto& each : all()) {
        EXPECT_THAT(each.yaml(), HasSubstr("usb_path: pci-0000:00:14.0-usb-0:"));
        EXPECT_THAT(each.notes, ElementsAre(HasSubstr("Many have the serial number")));
    }
}

TEST_F(Suggesting, WhatHasNoSerialNumberOrSharesItIsNamedByItsSocket) {
    tree.plug("1-2", {"0403", "6001", "FT232R USB UART", "TWIN"});
    tree.plug("1-3", {"0403", "6001", "FT232R USB UART", "TWIN"});
    tree.plug("1-4", {"10c4", "ea60", "CP2102"});
    serial_port("1-2", 0, "ttyUSB0");
    serial_port("1-3", 0, "ttyUSB1");
    serial_port("1-4", 0, "ttyUSB2");
    const auto found = all();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].yaml(), "console: {driver: serial, usb_path: pci-0000:00:14.0-usb-0:2}");
    EXPECT_THAT(found[0].notes, ElementsAre(HasSubstr("Another one has the same serial number")));
    EXPECT_EQ(found[1].yaml(), "console: {driver: serial, usb_path: pci-0000:00:14.0-usb-0:3}");
    EXPECT_EQ(found[2].yaml(), "console: {driver: serial, usb_path: pci-0000:00:14.0-usb-0:4}");
    EXPECT_THAT(found[2].notes, ElementsAre(HasSubstr("no serial number")));
}

TEST_F(Suggesting, ThePortsOfOneAdapterAreToldApart) {
    tree.plug("1-2", {"0403", "6011", "Quad RS232-HS", "QUAD"});
    tree.plug("1-3", {"1a86", "55d5", "USB Quad_Serial", "OCTO"});
    serial_port("1-2", 0, "ttyUSB0", 0);
    serial_port("1-2", 1, "ttyUSB1", 0);
    serial_port("1-3", 0, "ttyUSB2", 0);
    serial_port("1-3", 0, "ttyUSB3", 1);
    EXPECT_THAT(entries(), ElementsAre("console: {driver: serial, serial_number: QUAD, interface: 0}",
                                       "console: {driver: serial, serial_number: QUAD, interface: 1}",
                                       "console: {driver: serial, serial_number: OCTO, port_number: 0}",
                                       "console: {driver: serial, serial_number: OCTO, port_number: 1}"));
}

TEST_F(Suggesting, OfTheMachinesOwnPortsThoseWithHardwareAreThere) {
    port_of_machine("ttyS0", "4", "Y");
    port_of_machine("ttyS1", "0");
    const auto found = all();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].yaml(), "console: {driver: serial, port: /dev/ttyS0}");
    EXPECT_THAT(found[0].notes, ElementsAre(HasSubstr("kernel of this machine writes")));
}

TEST_F(Suggesting, AChipThatMayBeARelayBoardIsBothAndIsNotAsked) {
    tree.plug("1-2", {"1a86", "7523", "USB Serial"});
    serial_port("1-2", 0, "ttyUSB0");
    const auto found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[1].yaml(), "power: {driver: serial-relay, usb_path: pci-0000:00:14.0-usb-0:2, channel: 1}");
    EXPECT_THAT(found[1].what, HasSubstr("perhaps a relay board"));
    EXPECT_THAT(found[1].notes, Contains(HasSubstr("Nothing was sent to it")));
    EXPECT_EQ(fs::file_size(tree.root / "dev/ttyUSB0"), 1U);
}

TEST_F(Suggesting, AHidRelayIsNamedByItsIdAndTwinsByTheirSocketsToo) {
    SimHidRelay one{"HURTM"}, twin{"TWINS"}, other_twin{"TWINS"}, hung{"HUNGS"};
    const auto plug = [&](SimHidRelay& relay, const std::string& path) {
        tree.plug(path, {"16c0", "05df", "USBRelay2"});
        relay.plug(tree.device_node(path));
    };
    plug(one, "1-2");
    plug(twin, "1-3");
    plug(other_twin, "1-4");
    plug(hung, "1-5");
    hung.fault = SimUsbDevice::Fault::stall;
    const auto found = all();
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(found[0].yaml(), "power: {driver: hid-relay, relay: HURTM, channel: 1}");
    EXPECT_THAT(found[0].notes, ElementsAre("channel: 1 to 2, as printed on the board."));
    EXPECT_EQ(found[1].yaml(),
              "power: {driver: hid-relay, relay: TWINS, usb_path: pci-0000:00:14.0-usb-0:3, channel: 1}");
    EXPECT_EQ(found[2].yaml(),
              "power: {driver: hid-relay, relay: TWINS, usb_path: pci-0000:00:14.0-usb-0:4, channel: 1}");
    EXPECT_EQ(found[3].yaml(), "power: {driver: hid-relay, usb_path: pci-0000:00:14.0-usb-0:5, channel: 1}");
    EXPECT_THAT(found[3].notes, Contains(HasSubstr("its id: ")));
}

TEST_F(Suggesting, AnotherHidDeviceWithTheseIdsIsNotAsked) {
    SimHidRelay thermometer{"HURTM"};
    tree.plug("1-2", {"16c0", "05df", "Thermometer"});
    thermometer.plug(tree.device_node("1-2"));
    thermometer.fault = SimUsbDevice::Fault::hang;  // would be told
    const auto found = all();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_THAT(found[0].notes, ElementsAre(HasSubstr("channel"), HasSubstr("others have these USB ids too")));
}

TEST_F(Suggesting, AHubIsThereOnceWithBothSpeedsAndWhatIsOnItsPorts) {
    SimHub hub{4}, fast{4, true}, dumb{4};
    dumb.switching = 2;
    tree.plug("1-1", {"05e3", "0610", "USB2.1 Hub", "HUB1", "09"});
    tree.plug("2-1", {"05e3", "0626", "USB3.1 Hub", "HUB1", "09"});
    tree.plug("1-2", {"05e3", "0608", "USB2.0 Hub", "", "09"});
    put(tree.folder("2-1") / "speed", "5000");
    for (int port = 1; port <= 4; ++port) tree.peers(tree.port("1-1", port), tree.port("2-1", port));
    tree.port("1-2", 1);
    tree.plug("1-1.3", {"0403", "6001", "FT232R USB UART", "A1"});
    hub.plug(tree.device_node("1-1"));
    fast.plug(tree.device_node("2-1"));
    dumb.plug(tree.device_node("1-2"));
    std::vector<Suggestion> hubs;
    for (const auto& each : all()) {
        if (!each.keys.empty()) hubs.push_back(each);
    }
    ASSERT_EQ(hubs.size(), 1U);
    EXPECT_EQ(hubs[0].yaml(), "power: {driver: usb-hub-port, serial_number: HUB1, port: 1}");
    EXPECT_THAT(hubs[0].notes, ElementsAre("port: 1 to 4, as the hub counts them.",
                                           "Its other speed is the hub 2-1; both are switched together.",
                                           "On port 3 is 1-1.3 (0403:6001 FT232R USB UART)."));
}

TEST_F(Suggesting, TheMachinesOwnPortsAreToldApartBySpeed) {
    usb1.switching = usb2.switching = 1;
    tree.port("usb1", 1);
    tree.port("usb2", 1);
    const auto found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].yaml(), "power: {driver: usb-hub-port, usb_path: pci-0000:00:14.0-usbv2-0:0, port: 1}");
    EXPECT_EQ(found[1].yaml(), "power: {driver: usb-hub-port, usb_path: pci-0000:00:14.0-usbv3-0:0, port: 1}");
    EXPECT_THAT(found[0].notes, Contains(HasSubstr("many of these say that they switch, and do not")));
}

TEST_F(Suggesting, AHubThatCannotBeAskedIsSaid) {
    tree.plug("1-1", {"05e3", "0610", "USB2.1 Hub", "HUB1", "09"});
    fs::remove(tree.device_node("1-1"));
    const auto found = all();
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].yaml(), "");
    EXPECT_THAT(found[0].notes, ElementsAre(HasSubstr("Not known: whether it switches its ports: cannot open")));
}

TEST_F(Suggesting, SoundCardsAndChipsAreNamedByWhatStays) {
    tree.plug("1-2", {"08bb", "2902", "USB Audio CODEC"});
    tree.plug("1-3", {"10c4", "ea60", "CP2104", "C3"});
    tree.node("class/sound", "1-2", 0, "sound/card1");
    tree.node("bus/gpio/devices", "1-3", 0, "gpiochip4");
    put(tree.root / "proc/asound/cards",
        " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
        " 1 [CODEC          ]: USB-Audio - USB Audio CODEC");
    put(tree.root / "dev/snd/controlC0", "");
    const auto found = all();
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0].yaml(), "line: {driver: gpio, serial_number: C3, line: 0}");
    EXPECT_THAT(found[0].notes, Contains(HasSubstr("dev/gpiochip4: No such file")));
    EXPECT_EQ(found[1].yaml(), "audio: {driver: alsa, usb_path: pci-0000:00:14.0-usb-0:2}");
    EXPECT_EQ(found[2].yaml(), "audio: {driver: alsa, card: PCH}");
}

TEST_F(Suggesting, MultiplexersHaveTheirOwnDisksAndADiskInUseIsNone) {
    const auto disk = [&](const std::string& path, const std::string& name, const std::string& number) {
        tree.node("class/block", path, 0, "host0/block/" + name);
        const auto at = fs::canonical(tree.root / "sys/class/block" / name);
        put(at / "dev", number);
        put(at / "size", "31116288");
        put(tree.root / "dev" / name, "");
    };
    tree.plug("1-1", {"0424", "2640", "USB 2.0 Hub", "", "09"});
    tree.plug("1-1.1", {"0424", "4050", "Ultra Fast Media Reader", "000000264001"});
    tree.plug("1-1.2", {"04e8", "6001", "sd-wire", "sdw-7"});
    tree.plug("1-2", {"0424", "4041", "usb-sd-mux", "00012"});
    tree.plug("1-3", {"0781", "5567", "Cruzer", "4C53"});
    tree.plug("1-4", {"0781", "5567", "Backup", "4C54"});
    tree.plug("1-5", {"0781", "5567", "Root", "4C55"});
    tree.plug("1-6", {"0781", "5567", "Unnumbered"});
    SimHub quiet{2};
    quiet.switching = 2;
    quiet.plug(tree.device_node("1-1"));
    disk("1-1.1", "sda", "8:0");
    disk("1-2", "sdb", "8:16");
    disk("1-3", "sdc", "8:32");
    disk("1-4", "sdd", "8:48");
    disk("1-5", "sde", "8:64");
    disk("1-6", "sdf", "8:80");
    fs::create_directories(fs::canonical(tree.root / "sys/class/block/sde") / "holders/dm-0");
    tree.node("class/scsi_generic", "1-2", 0, "host1/scsi_generic/sg1");
    put(tree.root / "dev/sg1", "");
    put(tree.root / "proc/self/mountinfo", "36 35 8:48 / /srv/backup rw,noatime - ext4 /dev/sdd rw");
    const auto found = all();
    ASSERT_EQ(found.size(), 6U);
    EXPECT_EQ(found[0].yaml(), "storage: {driver: usb-sd-mux, serial_number: \"00012\"}");
    EXPECT_EQ(found[1].yaml(), "storage: {driver: sdwire, serial_number: sdw-7}");
    EXPECT_EQ(found[2].yaml(), "storage: {driver: usb-storage, serial_number: 4C53}");
    EXPECT_THAT(found[2].what, HasSubstr(", 15 GB, now "));
    EXPECT_EQ(found[3].yaml(), "");
    EXPECT_THAT(found[3].notes, ElementsAre(HasSubstr("mounted at /srv/backup (sdd)")));
    EXPECT_EQ(found[4].yaml(), "");
    EXPECT_THAT(found[4].notes, ElementsAre("It is held by dm-0 (sde), so this machine needs it: no board should write "
                                            "to it."));
    EXPECT_EQ(found[5].yaml(),
              "storage: {driver: usb-storage, usb_path: pci-0000:00:14.0-usb-0:6, max_size: 15931539456}");
    EXPECT_THAT(found[5].notes, Contains(HasSubstr("a larger disk in its place is refused")));
}

TEST_F(Suggesting, WhatMayBeAnSdWire3IsAlsoTheCardReaderThatItMayBe) {
    tree.plug("1-4", {"0bda", "0316", "USB3.0-CRW", "20120501030900000"});
    tree.node("class/block", "1-4", 0, "host0/block/sdc");
    put(fs::canonical(tree.root / "sys/class/block/sdc") / "dev", "8:32");
    put(tree.root / "dev/sdc", "");
    const auto found = all();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_THAT(found[0].what, StartsWith("perhaps an SDWire3: USB3.0-CRW (0bda:0316, "));
    EXPECT_EQ(found[0].yaml(), "storage: {driver: sdwire, usb_path: pci-0000:00:14.0-usb-0:4}");
    EXPECT_THAT(found[0].notes,
                ElementsAre(HasSubstr("Many have the serial number 20120501030900000"),
                            HasSubstr("take the entry of its disk instead"), HasSubstr("docs/drivers/sdwire.md")));
    EXPECT_EQ(found[1].yaml(), "storage: {driver: usb-storage, usb_path: pci-0000:00:14.0-usb-0:4}");
}

TEST_F(Suggesting, TheTextIsYamlAndSaysWhatIsMissing) {
    tree.plug("1-2", {"0403", "6001", "two\tlines: {", "A1"});
    serial_port("1-2", 0, "ttyUSB0");
    const auto text = suggestions_text(all());
    EXPECT_THAT(text,
                HasSubstr("\n# == serial ports\n\n# two lines: { (0403:6001, serial number A1, usb_path 1-2), now "
                          "/dev/ttyUSB0\n  console: {driver: serial, serial_number: A1}\n"));
    EXPECT_THAT(text, HasSubstr("# Not found: relays, hubs, GPIO chips, sound cards"));
    const auto document = config::parse_yaml("hardware:\n" + text);
    ASSERT_NE(document.find("hardware")->find("console"), nullptr);
    const auto value = suggestions_value(all());
    EXPECT_EQ(*value.as_list()->front().find("yaml")->as_string(), "console: {driver: serial, serial_number: A1}");
}

TEST_F(Suggesting, AMachineWithNothingSaysSo) {
    fs::remove_all(tree.root / "sys");
    EXPECT_THAT(suggestions_text(all()), HasSubstr("# Not found: serial ports, relays, hubs, GPIO chips, sound cards"));
}

}  // namespace
}  // namespace patchbay::testing
