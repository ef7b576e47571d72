// SPDX-License-Identifier: Apache-2.0
// Models of network power switches as data: their texts, how answers are read, and the shipped catalogue.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "drivers/net/pdu_model.hpp"
#include "drivers/net/pdu_state.hpp"
#include "drivers/net/pdu_text.hpp"
#include "drivers/net/telnet_filter.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;

PduVariables outlet(int number, std::string value = "1") {
    PduVariables variables;
    variables.outlet = number;
    variables.value = std::move(value);
    variables.user = "admin";
    variables.password = "a&b";
    return variables;
}

TEST(PduText, NamesOutletsValuesBanksAndSecrets) {
    const auto text = [](std::string_view from) {
        auto variables = outlet(11, "on");
        variables.bank_size = 8;
        return expand(from, variables, PduSecrets::percent_encoded);
    };
    EXPECT_EQ(text("/x?p=${outlet}&s=${value}"), "/x?p=11&s=on");
    EXPECT_EQ(text("${outlet-1} ${outlet+9}"), "10 20");
    EXPECT_EQ(text(".{${outlet-1}}(.)"), ".{10}(.)");
    EXPECT_EQ(text("${bank}.${place}"), "2.3");
    EXPECT_EQ(text("${user}:${password}"), "admin:a%26b");
    EXPECT_EQ(expand("${password}", outlet(1), PduSecrets::plain), "a&b");
    EXPECT_EQ(expand("${mark uuuu}", outlet(2, "0"), PduSecrets::plain), "u0uu");
    EXPECT_EQ(expand("${mark 00000000 1}", outlet(8), PduSecrets::plain), "00000001");
    EXPECT_EQ(text("a$b ${open"), "a$b ${open");
    EXPECT_THROW(text("${port}"), ConfigurationError);
    EXPECT_THROW(text("${outlet*2}"), ConfigurationError);
}

struct Reading {
    const char* model;
    int outlet;
    const char* answer;
    OutletState state;
};

constexpr auto on = OutletState::on, off = OutletState::off, pending = OutletState::pending;

const Reading readings[] = {
    {"apc", 1, "1\n", on},
    {"apc", 1, "2\n", off},
    {"eaton", 1, "3\n", pending},
    {"eaton", 1, "0\n", off},
    {"poe_mib", 7, "2\n", off},
    {"raritan", 1, "7\n", on},
    {"raritan", 1, "8\n", off},
    {"sentry", 9, "5\n", on},
    {"sentry", 9, "4\n", off},
    {"digipower", 2, "<r>0,1,2,3,4,5,6,7,8,9,1,0,1,1,1,1,1,1</r>", off},
    {"digipower", 1, "<r>0,1,2,3,4,5,6,7,8,9,1,0,1,1,1,1,1,1</r>", on},
    {"digitalloggers_http", 2, "<div id=\"state\">a2</div>", on},
    {"digitalloggers_http", 1, "<div id=\"state\">a2</div>", off},
    {"digitalloggers_restapi", 1, "[true]", on},
    {"digitalloggers_restapi", 1, "[false]", off},
    {"eg_pms2_network", 3, "<script>var sockstates = [0,0,1,0];</script>", on},
    {"eg_pms2_network", 1, "<script>var sockstates = [0,0,1,0];</script>", off},
    {"eth008", 3, "Success! 00100000", on},
    {"eth008", 4, "Success! 00100000", off},
    {"gude", 2, "<tr>Power Port 1 OFF</tr>\n<tr>Power Port 2 <b>ON</b></tr>", on},
    {"gude", 1, "<tr>SwitchPort 1 OFF</tr>\n<tr>SwitchPort 2 ON</tr>", off},
    {"gude24", 12, "<meta name=\"powerstate\" content=\"Power Port 1,0\">\n<meta content=\"Power Port 12,1\">", on},
    {"gude8031", 2, R"({"outputs":[{"state":0},{"state":1}]})", on},
    {"gude8225", 1, R"({"outputs":[{"state":0},{"state":1}]})", off},
    {"gude8316", 2, "<html>\n<meta Power Port ,0>\n<meta Power Port ,1>\n", on},
    {"mfi_mpower", 3, R"({"sensors":[{"port":1,"output":1},{"port":3,"output":0}]})", off},
    {"netio", 4, "<html>0 0 0 1</html>", on},
    {"netio", 1, "0001", off},
    {"netio", 2, "<html>0 1 0 0</html>", on},
    {"netio", 3, "<html>0 1 0 0</html>", off},
    {"netio_kshell", 2, "250 1", on},
    {"netio_kshell", 2, "250 0", off},
    {"pe6216", 16, "<15>ON</15><16>OFF</16>", off},
    {"pe6216", 1, "<1>PENDING</1>", pending},
    {"rest", 1, "1", on},
    {"simplerest", 1, "0\n", off},
    {"shelly_gen1", 0, R"({"ison":true})", on},
    {"shelly_gen2", 0, R"({"id":1,"result":{"id":0,"output":false}})", off},
    {"siglent", 2, "0x25\n", on},
    {"siglent", 1, "0x25\n", off},
    {"tinycontrol", 2, "<response><out1>0</out1><out2>1</out2></response>", on},
    {"tinycontrol_tcpdu", 3, R"({"out3":1})", on},
    {"tplink", 2, R"({"system":{"get_sysinfo":{"children":[{"state":0},{"state":1}]}}})", on},
    {"tplink_plug", 1, R"({"system":{"get_sysinfo":{"relay_state":0}}})", off},
    {"ubus", 2, R"({"result":[0,{"ports":{"lan1":"Disabled","lan2":"Delivering power"}}]})", on},
    {"ubus", 1, R"({"result":[0,{"ports":{"lan1":{"mode":"PoE","status":"Disabled"}}}]})", off}};

class CatalogueAnswers : public ::testing::TestWithParam<Reading> {};

TEST_P(CatalogueAnswers, AreRead) {
    const auto& reading = GetParam();
    const auto model = find_pdu_model(reading.model);
    ASSERT_TRUE(model && model->state);
    auto variables = outlet(reading.outlet);
    variables.bank_size = model->bank_size;
    EXPECT_EQ(read_outlet_state(reading.answer, *model->state, variables), reading.state);
}

INSTANTIATE_TEST_SUITE_P(OfEachModel, CatalogueAnswers, ::testing::ValuesIn(readings));

/// What a device says, with status 200, when it does not do what it was asked. The page of a log-in stands for a
/// session that has ended.
struct Refusal {
    const char* model;
    const char* answer;
};

const Refusal refusals[] = {{"apc", "Error in packet: (noSuchName) There is no such variable name in this MIB.\n"},
                            {"eaton", "No Such Instance currently exists at this OID\n"},
                            {"poe_mib", "No Such Object available on this agent at this OID\n"},
                            {"raritan", "9\n"},  // a sensor's state that is no outlet's
                            {"sentry", "6\n"},   // offError
                            {"digipower", "<html><h1>401 Unauthorized</h1></html>"},
                            {"digitalloggers_http", "<html><title>Login 1</title></html>"},
                            {"digitalloggers_restapi", R"({"error":404})"},
                            {"eg_pms2_network", "<script>var failed = 1; document.getElementById('pw1')</script>"},
                            {"eth008", "Failed! 0"},
                            {"eth008", "401 Unauthorized 01010101"},
                            {"gude", "<html>401 Unauthorized 1 0</html>"},
                            {"gude24", "<html>Blocked by another user, 10.0.0.1,0</html>"},
                            {"gude8031", R"({"error":1})"},
                            {"gude8225", R"({"outputs":[]})"},
                            {"gude8316", "<html>\nBlocked by another user\n\n</html>"},
                            {"mfi_mpower", "<html>login 1</html>"},
                            {"mfi_mpower", R"({"sensors":[],"status":"failure"})"},
                            {"netio", "<html>100 HELLO 9FE6</html>"},
                            {"netio", "<html>500 INVALID VALUE</html>"},
                            {"netio", "<html>501 INVALID PARAMETR</html>"},
                            {"netio", "<html>503 INVALID LOGIN</html>"},
                            {"netio", "<html>505 FORBIDDEN</html>"},
                            {"netio", "<html>552 1</html>"},
                            {"netio_kshell", "500 INVALID VALUE"},
                            {"netio_kshell", "503 INVALID LOGIN"},
                            {"pe6216", "<html>Error 1: OFF</html>"},
                            {"rest", "10"},
                            {"rest", "<html>404</html>"},
                            {"simplerest", "error 0"},
                            {"shelly_gen1", R"({"error":"Unauthorized"})"},
                            {"shelly_gen2", R"({"id":1,"error":{"code":401,"message":"false"}})"},
                            {"siglent", "-113,Undefined header 0"},
                            {"tinycontrol", "<html><h1>401 0</h1></html>"},
                            {"tinycontrol_tcpdu", R"({"error":1})"},
                            {"tplink", R"({"system":{"get_sysinfo":{"err_code":-1}}})"},
                            {"tplink_plug", R"({"system":{"err_code":-2}})"},
                            {"ubus", R"({"jsonrpc":"2.0","id":1,"result":[6]})"},
                            {"ubus", R"({"jsonrpc":"2.0","id":1,"error":{"code":-32002,"message":"Access denied"}})"}};

class CatalogueRefusals : public ::testing::TestWithParam<Refusal> {};

TEST_P(CatalogueRefusals, AreNoState) {
    const auto& refusal = GetParam();
    const auto model = find_pdu_model(refusal.model);
    ASSERT_TRUE(model && model->state);
    const int last = model->last_outlet > 0 ? model->last_outlet : model->first_outlet + 3;
    for (int number = model->first_outlet; number <= last; ++number) {
        auto variables = outlet(number);
        variables.bank_size = model->bank_size;
        EXPECT_THROW(read_outlet_state(refusal.answer, *model->state, variables), InfrastructureError)
            << refusal.model << ", outlet " << number << ": " << refusal.answer;
    }
}

INSTANTIATE_TEST_SUITE_P(OfEachModel, CatalogueRefusals, ::testing::ValuesIn(refusals));

TEST(PduCatalogue, EveryModelIsReadWithoutMistakeAndHasAnAnswerAndARefusalAbove) {
    auto names = known_pdu_models();
    for (std::size_t comma = 0; !names.empty(); names.erase(0, comma + 2)) {
        comma = names.find(", ");
        const auto name = names.substr(0, comma);
        const auto model = find_pdu_model(name);
        ASSERT_TRUE(model) << name;
        EXPECT_FALSE(model->summary.empty()) << name;
        EXPECT_TRUE(model->state) << name;
        EXPECT_TRUE(std::ranges::any_of(readings, [&](const auto& reading) { return reading.model == name; })) << name;
        EXPECT_TRUE(std::ranges::any_of(refusals, [&](const auto& refusal) { return refusal.model == name; })) << name;
        if (comma == std::string::npos) break;
    }
    EXPECT_FALSE(find_pdu_model("nobody"));
}

TEST(PduState, WhatAnAnswerLacksIsSaid) {
    const auto problem = [](const std::string& answer, const PduState& how) -> std::string {
        try {
            read_outlet_state(answer, how, outlet(3));
        } catch (const InfrastructureError& error) {
            return error.what();
        }
        return "";
    };
    PduState by_json;
    by_json.json = "outputs.${outlet-1}.state";
    EXPECT_THAT(problem("<html>login</html>", by_json), HasSubstr("no JSON"));
    EXPECT_THAT(problem(R"({"outputs":[]})", by_json), HasSubstr("there is no outputs.2.state in '{\"outputs\":[]}'"));
    PduState by_regex;
    by_regex.regex = "state (\\w+)";
    EXPECT_THAT(problem("nothing", by_regex), HasSubstr("nothing matches 'state (\\w+)' in 'nothing'"));
    EXPECT_THAT(problem("state burning", by_regex), HasSubstr("'burning' is neither on nor off, in 'state burning'"));
    PduState by_bit;
    by_bit.bit = "${outlet-1}";
    EXPECT_THAT(problem("zz", by_bit), HasSubstr("no number 'zz' in 'zz'"));
    EXPECT_THAT(problem("state a&b of <a href=/?p=a%26b>", by_regex), HasSubstr("in 'state *** of <a href=/?p=***>'"));
    EXPECT_EQ(read_outlet_state("4", by_bit, outlet(3)), on);
}

TEST(PduText, ASecretIsNotCutInHalfInAMessage) {
    EXPECT_EQ(for_message("a=hunter22", {"hunter22", ""}), "a=***");
    EXPECT_EQ(for_message(std::string(196, 'x') + "hunter22", {"hunter22"}), std::string(196, 'x') + "***");
    EXPECT_EQ(for_message(std::string(201, 'x'), {""}), std::string(200, 'x') + "…");
}

TEST(PduModel, MistakesOfALabsOwnModelAreListedTogether) {
    const auto value = config::parse_yaml(
        "http: {auth: sometimes, switch: {method: GET, path: '/${out}', form: x}, expct: y}\n"
        "snmp: {switch: {oid: '1'}}\n"
        "state: {regex: '(', json: a}\n");
    config::Problems problems{"lab.yaml"};
    read_pdu_model(config::MapReader{value, "model", problems}, "mine");
    std::string all;
    for (const auto& line : problems.lines()) all += line + "\n";
    EXPECT_THAT(all, HasSubstr("model.http.auth: must be none, basic or digest"));
    EXPECT_THAT(all, HasSubstr("model.http.switch.path: there is no ${out}"));
    EXPECT_THAT(all, HasSubstr("model.http.switch.method: GET carries no body"));
    EXPECT_THAT(all, HasSubstr("unknown key 'expct'"));
    EXPECT_THAT(all, HasSubstr("a model has one of http, snmp, telnet and kasa"));
    EXPECT_THAT(all, HasSubstr("model.state.regex: regular expression '('"));
    EXPECT_THAT(all, HasSubstr("a state has regex or json, not both"));
}

TEST(TelnetFilter, TextIsTakenAndOptionsAreRefusedHoweverTheBytesAreCut) {
    const std::string stream =
        "login\xff\xfd\x18: \xff\xff\xff\xfb\x01"
        "a\xff\xfa\x18\x01\xff\xf0"
        "b";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        TelnetFilter filter;
        auto text = filter.feed(std::string_view{stream}.substr(0, cut));
        text += filter.feed(std::string_view{stream}.substr(cut));
        EXPECT_EQ(text,
                  "login: \xff"
                  "ab")
            << "cut at byte " << cut;
        EXPECT_EQ(filter.take_answers(), "\xff\xfc\x18\xff\xfe\x01");
    }
}

}  // namespace
}  // namespace patchbay::testing
