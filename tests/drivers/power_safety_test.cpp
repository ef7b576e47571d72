// SPDX-License-Identifier: Apache-2.0
// However a lease ends, its board is off afterwards: after a killed runner, after a switch that was cancelled at any
// moment, after one that failed. One table for all drivers of supplies; tests/rig adds real kernel devices, and gpio.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>

#include <array>
#include <set>

#include "core/deadline.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/whole_file.hpp"
#include "tests/support/sim_pdu.hpp"
#include "tests/support/sim_usb.hpp"
#include "tests/support/switch_lab.hpp"
#include "tests/support/usb_tree.hpp"

namespace patchbay::testing {
namespace {

namespace fs = std::filesystem;

/// A supply whose contact can be looked at past the driver.
struct Supply {
    virtual ~Supply() = default;
    virtual std::string keys() const = 0;
    virtual bool is_closed() = 0;
    /// From now on switching on is an error, after or before the contact has moved; and no more.
    virtual void break_it() = 0;
    virtual void mend_it() = 0;
};

struct CommandSupply final : Supply {
    explicit CommandSupply(SwitchLab& lab) : folder{lab.folder.path} { write_whole_file(folder / "contact", "0"); }
    std::string keys() const override {
        const auto here = folder.string();
        return "driver: command, on_command: [sh -c 'printf 1 >" + here + "/contact', test ! -e " + here +
               "/fault], off_command: sh -c 'printf 0 >" + here + "/contact', status_command: grep -q 1 " + here +
               "/contact";
    }
    bool is_closed() override { return read_whole_file(folder / "contact") == "1"; }
    void break_it() override { write_whole_file(folder / "fault", ""); }
    void mend_it() override { fs::remove(folder / "fault"); }
    fs::path folder;
};

struct HidRelaySupply final : Supply {
    explicit HidRelaySupply(SwitchLab& lab) : tree{lab.folder.path} {
        tree.plug("1-2", {"16c0", "05df", "USBRelay1"});
        relay.plug(tree.device_node("1-2"));
    }
    std::string keys() const override { return "driver: hid-relay, relay: HURTM"; }
    bool is_closed() override { return relay.relays != 0; }
    void break_it() override { relay.lies = true; }
    void mend_it() override { relay.lies = false; }
    UsbTree tree;
    SimHidRelay relay{"HURTM"};
};

struct FrameRelaySupply final : Supply {
    explicit FrameRelaySupply(SwitchLab& lab) : tree{lab.folder.path} {
        tree.plug("1-2", {"5131", "2007", "LC-US8"});
        relay.plug(tree.device_node("1-2"));
    }
    std::string keys() const override { return "driver: hid-relay, usb_path: 1-2"; }
    bool is_closed() override { return !relay.frames.empty() && relay.frames.back().at(2) == 1; }
    void break_it() override { relay.fault = SimUsbDevice::Fault::stall; }
    void mend_it() override { relay.fault = SimUsbDevice::Fault::none; }
    UsbTree tree;
    SimFrameRelay relay;
};

struct SerialRelaySupply final : Supply {
    explicit SerialRelaySupply(SwitchLab& lab) : tree{lab.folder.path} {
        int board = -1, port = -1;
        if (::openpty(&board, &port, terminal.data(), nullptr, nullptr) != 0) throw std::runtime_error{"openpty"};
        master = FileDescriptor{board};
        keeper = FileDescriptor{port};
        ::fcntl(board, F_SETFL, O_NONBLOCK);
        tree.plug("1-2", {"1a86", "7523", "USB Serial"});
        tree.node("class/tty", "1-2", 0, "ttyUSB0/tty/ttyUSB0");
        mend_it();
    }
    std::string keys() const override { return "driver: serial-relay, usb_path: 1-2"; }
    bool is_closed() override {
        std::array<unsigned char, 4> frame{};
        while (::read(master.get(), frame.data(), frame.size()) == 4) closed = frame[2] == 1;
        return closed;
    }
    void break_it() override { fs::remove(tree.root / "dev/ttyUSB0"); }
    void mend_it() override { fs::create_symlink(terminal.data(), tree.root / "dev/ttyUSB0"); }
    UsbTree tree;
    FileDescriptor master, keeper;
    std::array<char, 128> terminal{};
    bool closed = false;
};

struct HubFileSupply final : Supply {
    explicit HubFileSupply(SwitchLab& lab) : tree{lab.folder.path} {
        tree.plug("1-1", {"0409", "55aa", "USB Hub", "HUB1", "09"});
        disable = tree.port("1-1", 2) / "disable";
        hub.plug(tree.device_node("1-1"));
    }
    std::string keys() const override { return "driver: usb-hub-port, usb_path: 1-1, port: 2"; }
    bool is_closed() override { return read_whole_file(disable).front() == '0'; }
    void break_it() override { fs::rename(tree.root / "sys/bus", tree.root / "sys/away"); }
    void mend_it() override { fs::rename(tree.root / "sys/away", tree.root / "sys/bus"); }
    UsbTree tree;
    SimHub hub{4};
    fs::path disable;
};

struct HubRequestSupply final : Supply {
    explicit HubRequestSupply(SwitchLab& lab) : tree{lab.folder.path} {
        tree.plug("1-1", {"0409", "55aa", "USB Hub", "HUB1", "09"});
        fs::remove(tree.port("1-1", 2) / "disable");
        hub.plug(tree.device_node("1-1"));
    }
    std::string keys() const override { return "driver: usb-hub-port, usb_path: 1-1, port: 2"; }
    bool is_closed() override { return hub.power.at(1); }
    void break_it() override { hub.fault = SimUsbDevice::Fault::stall; }
    void mend_it() override { hub.fault = SimUsbDevice::Fault::none; }
    UsbTree tree;
    SimHub hub{4};
};

struct PduSupply : Supply {
    PduSupply(SwitchLab& lab, const std::string& dialect, std::string described)
        : pdu{lab.io, dialect, lab.folder / "pdu"}, text{std::move(described)} {}
    std::string keys() const override { return text + pdu.address() + ", outlet: 2, timeout: 3, settle: 0"; }
    bool is_closed() override { return pdu.is_on(2); }
    void break_it() override { pdu.fault("broken"); }
    void mend_it() override { pdu.fault(""); }
    SimPdu pdu;
    std::string text;
};
struct HttpSupply final : PduSupply {
    explicit HttpSupply(SwitchLab& lab) : PduSupply{lab, "Gude8031", "driver: pdu, model: gude8031, host: "} {}
};
struct TelnetSupply final : PduSupply {
    explicit TelnetSupply(SwitchLab& lab) : PduSupply{lab, "Kshell", "driver: pdu, model: netio_kshell, host: "} {}
};
struct SnmpSupply final : PduSupply {
    explicit SnmpSupply(SwitchLab& lab) : PduSupply{lab, "snmp", "driver: pdu, model: apc, host: "} {}
    void break_it() override { pdu.fault("stuck"); }
};
struct PduDaemonSupply final : PduSupply {
    explicit PduDaemonSupply(SwitchLab& lab) : PduSupply{lab, "PduDaemon", ""} {}
    std::string keys() const override {
        return "driver: pdudaemon, host: 127.0.0.1, port: " + std::to_string(pdu.port()) + ", pdu: pdu 1, outlet: 2";
    }
};

struct Entry {
    const char* name;
    const char* driver;
    std::unique_ptr<Supply> (*make)(SwitchLab&);
};

template <class T>
std::unique_ptr<Supply> make(SwitchLab& lab) {
    return std::make_unique<T>(lab);
}

const Entry entries[] = {
    {"Command", "command", make<CommandSupply>},
    {"HidRelay", "hid-relay", make<HidRelaySupply>},
    {"FrameRelay", "hid-relay", make<FrameRelaySupply>},
    {"SerialRelay", "serial-relay", make<SerialRelaySupply>},
    {"HubByFile", "usb-hub-port", make<HubFileSupply>},
    {"HubByRequest", "usb-hub-port", make<HubRequestSupply>},
    {"PduByHttp", "pdu", make<HttpSupply>},
    {"PduByTelnet", "pdu", make<TelnetSupply>},
    {"PduBySnmp", "pdu", make<SnmpSupply>},
    {"PduDaemon", "pdudaemon", make<PduDaemonSupply>},
};

struct PowerSafety : ::testing::TestWithParam<Entry>, SwitchLab {
    std::unique_ptr<Supply> supply = GetParam().make(*this);

    void switch_on() {
        auto device = board(supply->keys());
        run(io, device.need<Power>().on());
        ASSERT_TRUE(supply->is_closed());
    }
};

TEST_P(PowerSafety, AfterAKilledRunnerANewOneSwitchesOff) {
    switch_on();  // and whoever did it is gone
    auto device = board(supply->keys());
    run(io, device.make_safe());
    EXPECT_FALSE(supply->is_closed());
    run(io, device.make_safe());  // once more is harmless
    EXPECT_FALSE(supply->is_closed());
}

TEST_P(PowerSafety, ASwitchThatIsCancelledAtAnyMomentIsMadeSafe) {
    for (const Clock::duration moment : {Clock::duration{0}, Clock::duration{100us}, Clock::duration{1ms},
                                         Clock::duration{5ms}, Clock::duration{25ms}}) {
        auto device = board(supply->keys());
        try {
            run(io, with_deadline(Deadline::in(moment), "cancelled", device.need<Power>().on()));
        } catch (const TimedOut&) {
        }
        run(io, device.make_safe());
        EXPECT_FALSE(supply->is_closed()) << moment.count() << " ns";
    }
}

TEST_P(PowerSafety, ACycleThatIsCancelledInTheDarkOrAfterwardsIsMadeSafe) {
    switch_on();
    auto device = board(supply->keys());
    try {
        run(io, with_deadline(Deadline::in(30ms), "cancelled", cycle(device.need<Power>(), 10ms)));
    } catch (const TimedOut&) {
    }
    run(io, device.make_safe());
    EXPECT_FALSE(supply->is_closed());
}

TEST_P(PowerSafety, AfterAFailedSwitchTheBoardIsOff) {
    auto device = board(supply->keys());
    run(io, device.make_safe());
    supply->break_it();
    EXPECT_NE(failure_of(device.need<Power>().on()), "");
    supply->mend_it();
    run(io, device.make_safe());
    EXPECT_FALSE(supply->is_closed());
}

INSTANTIATE_TEST_SUITE_P(Of, PowerSafety, ::testing::ValuesIn(entries),
                         [](const auto& tested) { return std::string{tested.param.name}; });

TEST(PowerSafetyTable, HasEveryDriverOfSupplies) {
    std::set<std::string_view> here{"gpio"};  // needs a kernel with GPIO: tests/rig/switches_test.py
    for (const auto& entry : entries) here.insert(entry.driver);
    for (const auto& entry : builtin_drivers()) {
        EXPECT_TRUE(entry.kind != Power::kind || here.contains(entry.name)) << entry.name;
    }
}

}  // namespace
}  // namespace patchbay::testing
