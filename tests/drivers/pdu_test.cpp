// SPDX-License-Identifier: Apache-2.0
// The drivers `pdu` and `pdudaemon` against servers on the loopback.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/whole_file.hpp"
#include "tests/support/sim_pdu.hpp"
#include "tests/support/switch_lab.hpp"

namespace patchbay::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;

/// How a dialect of the server is described.
struct Dialect {
    const char* name;
    const char* keys;  ///< $A is the address
    int outlet;        ///< of the server
};

struct PduDriver : ::testing::Test, SwitchLab {
    static std::string keys(const std::string& text, const SimPdu& pdu) {
        auto all = "driver: pdu, " + text;
        for (std::size_t at = 0; (at = all.find("$A")) != std::string::npos;) all.replace(at, 2, pdu.address());
        return all;
    }
    std::filesystem::path credentials(const std::string& text) {
        const auto file = folder / "credentials.yaml";
        write_whole_file(file, text);
        std::filesystem::permissions(file, std::filesystem::perms::owner_read);
        return file;
    }
};

struct PduDialects : PduDriver, ::testing::WithParamInterface<Dialect> {};

TEST_P(PduDialects, SwitchAndReadBackAndSayWhenTheOutletSticks) {
    SimPdu pdu{io, GetParam().name, folder / "pdu"};
    const auto text = keys(GetParam().keys, pdu);
    auto device = board(text + ", settle: 0");
    auto& power = device.need<Power>();
    EXPECT_EQ(run(io, power.is_on()), false);
    EXPECT_EQ(run(io, power.on()), Switched::verified);
    EXPECT_TRUE(pdu.is_on(GetParam().outlet));
    EXPECT_EQ(run(io, power.is_on()), true);
    EXPECT_EQ(run(io, power.off()), Switched::verified);
    EXPECT_FALSE(pdu.is_on(GetParam().outlet));
    pdu.fault("stuck");
    EXPECT_THAT(failure_of(power.on()), MatchesRegex("device board: power: PDU .+ at .+, outlet [0-9]+ was switched "
                                                     "on, but reads back off: the contact sticks, .+"));
    EXPECT_THAT(told, ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(All, PduDialects,
                         ::testing::Values(Dialect{"Gude8031", "model: gude8031, host: $A, outlet: 3", 3},
                                           Dialect{"EgPms2", "model: eg_pms2_network, host: 'http://$A/', outlet: 4",
                                                   4},
                                           Dialect{"Mfi", "model: mfi_mpower, host: $A, outlet: 1", 1},
                                           Dialect{"Basic", "model: digipower, host: $A, outlet: 2", 2},
                                           Dialect{"snmp", "model: apc, host: $A, outlet: 5", 5},
                                           Dialect{"Netio", "model: netio, host: $A, outlet: 3", 3},
                                           Dialect{"Kshell", "model: netio_kshell, host: $A, outlet: 2", 2},
                                           Dialect{"Scpi", "model: siglent, host: $A, outlet: 2", 2},
                                           Dialect{"Kasa", "model: tplink, host: $A, outlet: 6", 6}),
                         [](const auto& tested) { return std::string{tested.param.name}; });

TEST_F(PduDriver, CredentialsComeFromAFileThatOthersCannotRead) {
    SimPdu pdu{io, "ShellyGen2", folder / "pdu"};
    const auto text = keys("model: shelly_gen2, host: $A, outlet: 0", pdu);
    EXPECT_THAT(failure_of_on(text), HasSubstr("answered 401: it wants another user or password; give it a file "
                                               "'credentials'"));
    const auto file = credentials("{user: admin, password: secret}\n");
    EXPECT_EQ(failure_of_on(text + ", credentials: " + file.string()), "");
    EXPECT_TRUE(pdu.is_on(1));
    std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
    EXPECT_THAT(failure_of_on(text + ", credentials: " + file.string()),
                HasSubstr("everybody may read " + file.string() + "; chmod o-r it"));
    std::filesystem::remove(file);
    EXPECT_THAT(failure_of_on(text + ", credentials: " + file.string()), HasSubstr("credentials: cannot read"));
    credentials("{usr: admin}\n");
    EXPECT_THAT(failure_of_on(text + ", credentials: " + file.string()), HasSubstr("unknown key 'usr'"));
}

TEST_F(PduDriver, AnOrderThatIsLostOnceIsGivenAgain) {
    SimPdu pdu{io, "Gude8031", folder / "pdu"};
    pdu.fault("once");
    EXPECT_EQ(failure_of_on(keys("model: gude8031, host: $A, outlet: 1", pdu)), "");
    EXPECT_TRUE(pdu.is_on(1));
}

TEST_F(PduDriver, ADeviceThatIsGoneSilentOrBrokenIsNamed) {
    SimPdu pdu{io, "Gude8031", folder / "pdu"};
    const auto text = keys("model: gude8031, host: $A, outlet: 1, timeout: 1, settle: 0", pdu);
    const auto name = "device board: power: PDU gude8031 at " + pdu.address() + ", outlet 1";
    pdu.fault("broken");
    EXPECT_THAT(failure_of_on(text), HasSubstr(name + " answered 500; look at its own page"));
    pdu.fault("silent");
    EXPECT_THAT(failure_of_on(text), HasSubstr(name + ": Operation timed out"));
    EXPECT_THAT(failure_of_on("driver: pdu, model: gude8031, host: '127.0.0.1:1', outlet: 1"),
                HasSubstr("at 127.0.0.1:1, outlet 1: Failed to connect"));
    EXPECT_THAT(failure_of_on("driver: pdu, model: gude24, host: 'pdu.invalid', outlet: 1"),
                HasSubstr("Could not resolve host: pdu.invalid; correct 'host'"));
}

TEST_F(PduDriver, TheTimeoutIsForTheConversationAndNotForEachRequest) {
    SimPdu pdu{io, "Mfi", folder / "pdu"};
    pdu.fault("slow");
    // Two requests for the log-in; the third would come in time by itself.
    EXPECT_THAT(failure_of_on(keys("model: mfi_mpower, host: $A, outlet: 1, timeout: 1, settle: 0", pdu)),
                HasSubstr(", outlet 1: Operation timed out"));
    EXPECT_THAT(pdu.asked(), Not(HasSubstr("PUT")));
}

TEST_F(PduDriver, ALogOutIsAskedForAlsoWhenTheTimeIsUp) {
    SimPdu pdu{io, "EgPms2", folder / "pdu"};
    pdu.fault("slow");
    EXPECT_THAT(failure_of_on(keys("model: eg_pms2_network, host: $A, outlet: 1, timeout: 1, settle: 0", pdu)),
                HasSubstr("timed out"));
    EXPECT_THAT(pdu.asked(), HasSubstr("GET /login.html"));
}

TEST_F(PduDriver, AnotherModelIsSuspected) {
    SimPdu pdu{io, "Gude8031", folder / "pdu"};
    EXPECT_THAT(failure_of_on(keys("model: gude24, host: $A, outlet: 1", pdu)),
                HasSubstr("answered 404: it has no such page; is it this model?"));
}

TEST_F(PduDriver, AnAgentThatRefusesOrIsSilentIsQuoted) {
    SimPdu pdu{io, "snmp", folder / "pdu"};
    const auto file = credentials("{community: public}\n");
    EXPECT_THAT(failure_of_on(keys("model: apc, host: $A, outlet: 1, credentials: " + file.string(), pdu)),
                HasSubstr("device board: power: PDU apc at " + pdu.address() + ", outlet 1: snmpset ended with "));
    EXPECT_FALSE(pdu.is_on(1));
    EXPECT_THAT(failure_of_off("driver: pdu, model: apc, host: '127.0.0.1:9', outlet: 1, timeout: 1, settle: 0"),
                HasSubstr("outlet 1: snmpset ended with 1: Timeout: No Response from 127.0.0.1:9"));
}

TEST_F(PduDriver, ADialogueThatStopsIsQuotedAtItsPlace) {
    SimPdu pdu{io, "Kshell", folder / "pdu"};
    const auto text = keys("model: netio_kshell, host: $A, outlet: 2, timeout: 1, settle: 0", pdu);
    pdu.fault("silent");
    EXPECT_THAT(failure_of_on(text), HasSubstr("did not answer in time; it was waited for '100 HELLO'"));
    pdu.fault("broken");
    EXPECT_THAT(failure_of_on(text), HasSubstr("End of file while it was waited for '250 OK'"));
    EXPECT_THAT(failure_of_on("driver: pdu, model: netio_kshell, host: '127.0.0.1:1', outlet: 2"),
                HasSubstr("Connection refused while it was waited for a connection"));
    pdu.fault("");
    const auto file = credentials("{user: admin, password: wrong}\n");
    EXPECT_THAT(failure_of_on(text + ", credentials: " + file.string()),
                HasSubstr("it was waited for '250 OK', and it said '503 INVALID LOGIN'"));
}

TEST_F(PduDriver, AKasaStripSaysWhatItCannotDo) {
    SimPdu pdu{io, "Kasa", folder / "pdu"};
    const auto text = keys("model: tplink, host: $A, timeout: 1, settle: 0, outlet: ", pdu);
    EXPECT_THAT(failure_of_on(text + "7"), HasSubstr(", outlet 7: it has 6 outlets; correct 'outlet'"));
    pdu.fault("broken");
    EXPECT_THAT(
        failure_of_on(text + "2"),
        HasSubstr(", outlet 2: it did not take the order: '{\"system\": {\"set_relay_state\": {\"err_code\": -1}}}'"));
    pdu.fault("silent");
    EXPECT_THAT(failure_of_on(text + "2"), HasSubstr(", outlet 2 did not answer in time; is it switched on"));
    EXPECT_THAT(failure_of_on("driver: pdu, model: tplink, host: '127.0.0.1:1', outlet: 1"),
                HasSubstr("outlet 1: Connection refused; is it switched on"));
    EXPECT_EQ(pdu.is_on(2), false);
}

TEST_F(PduDriver, ARefusalWithStatus200IsNoState) {
    SimPdu pdu{io, "Netio", folder / "pdu"};
    const auto text = keys("model: netio, host: $A, outlet: 1, settle: 0", pdu);
    pdu.set(1, true);
    pdu.fault("refuses");
    EXPECT_THAT(failure_of_off(text), HasSubstr(", outlet 1 refused: '<html>505 FORBIDDEN</html>'"));
    const auto file = credentials("{user: admin, password: wrong}\n");
    EXPECT_THAT(failure_of_off(text + ", credentials: " + file.string()),
                HasSubstr(", outlet 1 refused: '<html>503 INVALID LOGIN</html>'"));
    EXPECT_TRUE(pdu.is_on(1));
}

TEST_F(PduDriver, APasswordThatTheDeviceRepeatsIsNotInTheMessage) {
    SimPdu pdu{io, "Kshell", folder / "pdu"};
    pdu.fault("echo");
    const auto file = credentials("{user: admin, password: hunter22}\n");
    EXPECT_THAT(
        failure_of_on(keys("model: netio_kshell, host: $A, outlet: 2, timeout: 1, settle: 0, credentials: ", pdu) +
                      file.string()),
        AllOf(HasSubstr("and it said 'login admin ***'"), Not(HasSubstr("hunter22"))));
}

TEST_F(PduDriver, ACommunityIsInNoCommandLine) {
    // In the place of the program: it keeps how it was called, and what it was given.
    const auto here = folder.path.string();
    write_whole_file(folder / "snmpset", "#!/bin/sh\nexec > " + here +
                                             "/called\necho \"$@\"\nstat -c %a \"$SNMPCONFPATH\"\n"
                                             "cat \"$SNMPCONFPATH/snmp.conf\"\necho \"$SNMPCONFPATH\" > " +
                                             here + "/where\nexit 1\n");
    std::filesystem::permissions(folder / "snmpset", std::filesystem::perms::owner_all);
    const std::string before = std::getenv("PATH");
    ::setenv("PATH", (here + ":" + before).c_str(), 1);
    const auto file = credentials("{community: 'hunter #22'}\n");
    const auto failure = failure_of_on("driver: pdu, model: apc, host: p, outlet: 1, credentials: " + file.string());
    ::setenv("PATH", before.c_str(), 1);
    EXPECT_THAT(failure, HasSubstr("snmpset ended with 1"));
    const auto called = read_whole_file(folder / "called");
    EXPECT_THAT(called, HasSubstr("\n700\ndefCommunity hunter #22\n"));
    EXPECT_THAT(called.substr(0, called.find('\n')), AllOf(HasSubstr("-v 1"), Not(HasSubstr("hunter"))));
    auto where = read_whole_file(folder / "where");
    where.pop_back();
    EXPECT_FALSE(std::filesystem::exists(where)) << where;
}

TEST_F(PduDriver, ALabDescribesItsOwnModel) {
    SimPdu pdu{io, "Gude8031", folder / "pdu"};
    auto device =
        board(keys("host: $A, outlet: 2, model: {http: {switch: "
                   "'/status.json?cmd=1&p=${outlet}&s=${value}'}}",
                   pdu));
    EXPECT_EQ(run(io, device.need<Power>().on()), Switched::unverified);
    EXPECT_TRUE(pdu.is_on(2));
    EXPECT_THAT(told, SizeIs(1));
}

TEST_F(PduDriver, MistakesAreFoundBeforeAnythingIsTouched) {
    EXPECT_THAT(refusal("driver: pdu, model: gude, host: p, outlet: 9"),
                HasSubstr("hardware.power.outlet: this model counts its outlets from 1 to 8"));
    EXPECT_THAT(refusal("driver: pdu, model: gudde, host: p, outlet: 1"),
                HasSubstr("there is no model 'gudde'; there are apc, eaton, "));
    EXPECT_THAT(refusal("driver: pdu, model: gude, host: 'http://me:secret@p', outlet: 1"),
                HasSubstr("must hold no password"));
    EXPECT_THAT(refusal("driver: pdu, model: gude, host: p, outlet: 1, timeout: 0"),
                HasSubstr("hardware.power.timeout: must be at least 1 s"));
    EXPECT_THAT(refusal("driver: pdudaemon, pdu: p, outlet: 1, timeout: 0"),
                HasSubstr("hardware.power.timeout: must be at least 1 s"));
    EXPECT_THAT(refusal("driver: pdu, model: {http: {}}, outlet: 1"),
                HasSubstr("hardware.power.model.http.switch: missing: what switches an outlet"));
}

TEST_F(PduDriver, PduDaemonIsToldAndCannotBeAsked) {
    SimPdu daemon{io, "PduDaemon", folder / "pdu"};
    const auto port = std::to_string(daemon.port());
    auto device = board("driver: pdudaemon, host: 127.0.0.1, port: " + port + ", pdu: 'pdu 1', outlet: 6");
    EXPECT_EQ(run(io, device.need<Power>().on()), Switched::unverified);
    EXPECT_TRUE(daemon.is_on(6));
    run(io, device.make_safe());
    EXPECT_FALSE(daemon.is_on(6));
    EXPECT_THAT(daemon.asked(), HasSubstr("GET /power/control/off?hostname=pdu%201&port=6"));
    EXPECT_THAT(failure_of_on("driver: pdudaemon, host: 127.0.0.1, port: " + port + ", pdu: other, outlet: 6"),
                HasSubstr("device board: power: PDUDaemon at 127.0.0.1, PDU other, outlet 6 answered 500"));
    EXPECT_THAT(refusal("driver: pdudaemon, outlet: 6, port: 0"), HasSubstr("the key 'pdu' is missing"));
}

}  // namespace
}  // namespace patchbay::testing
