// SPDX-License-Identifier: Apache-2.0
// RFC 2217 against what ser2net 4.3.11 says on the wire.

#include "drivers/net/com_port.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using namespace std::string_literals;
using Support = ComPortClient::Support;

std::string bytes_of(std::string_view hex) {
    std::string bytes;
    for (std::size_t at = 0; at + 1 < hex.size();) {
        if (hex[at] == ' ') {
            ++at;
            continue;
        }
        bytes += static_cast<char>(std::stoi(std::string{hex.substr(at, 2)}, nullptr, 16));
        at += 2;
    }
    return bytes;
}

/// WILL SGA, DO SGA, WILL ECHO, DONT ECHO, DO BINARY, WILL BINARY, DO COM-PORT; modem state CTS and DCD; WONT COM-PORT.
const auto ser2net_greeting = bytes_of(
    "fffb03 fffd03 fffb01 fffe01 fffd00 fffb00 fffd2c"
    "fffa2c6b90fff0 fffc2c");

TEST(ComPort, AsksForWhatItNeeds) {
    ComPortClient client;
    EXPECT_EQ(client.hello(), bytes_of("fffb2c fffb00 fffb03 fffd00 fffd03"));
    EXPECT_EQ(client.support(), Support::unknown);
}

TEST(ComPort, AgreesWithSer2netHoweverItsWordsAreCut) {
    const auto stream = "a" + ser2net_greeting + "b" + bytes_of("fffa2c65 0001c200 fff0") + "c";
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        ComPortClient client;
        client.hello();
        const auto request = speed_request(115200);
        EXPECT_EQ(client.ask(request), bytes_of("fffa2c01 0001c200 fff0"));
        std::string data, reply;
        client.feed(std::string_view{stream}.substr(0, cut), data, reply);
        client.feed(std::string_view{stream}.substr(cut), data, reply);
        EXPECT_EQ(data, "abc");
        EXPECT_EQ(reply, bytes_of("fffd01")) << "it may echo; the rest was asked for";
        EXPECT_EQ(client.support(), Support::agreed);
        EXPECT_EQ(client.answer_to(request), request.value);
        EXPECT_EQ(client.modem_lines(), (ModemLines{true, false, true, false}));
    }
}

TEST(ComPort, AnswersOnlyToWhatIsNew) {
    ComPortClient client;
    client.hello();
    std::string data, reply;
    client.feed(ser2net_greeting, data, reply);
    reply.clear();
    client.feed(ser2net_greeting, data, reply);
    EXPECT_EQ(reply, "");
    // NAWS and terminal type are not ours, and nothing of this is asked twice.
    client.feed(bytes_of("fffd1f fffd18 fffb18"), data, reply);
    EXPECT_EQ(reply, bytes_of("fffc1f fffc18 fffe18"));
    reply.clear();
    client.feed(bytes_of("fffc00 fffe00"), data, reply);
    EXPECT_EQ(reply, bytes_of("fffe00 fffc00"));
}

TEST(ComPort, NoticesThatAServerRefuses) {
    ComPortClient client;
    client.hello();
    std::string data, reply;
    client.feed(bytes_of("fffe2c"), data, reply);
    EXPECT_EQ(client.support(), Support::refused);
    EXPECT_EQ(reply, "");
}

TEST(ComPort, SendsEachSettingAsTheRfcNumbersIt) {
    const LineSettings line{.speed = 9600,
                            .data_bits = 7,
                            .parity = Parity::even,
                            .stop_bits = 2,
                            .flow_control = FlowControl::xonxoff,
                            .dtr = true,
                            .rts = false};
    std::string sent;
    ComPortClient client;
    for (const auto& request : requests_of(line)) sent += client.ask(request);
    EXPECT_EQ(sent, bytes_of("fffa2c01 00002580 fff0 fffa2c02 07 fff0 fffa2c03 03 fff0 fffa2c04 02 fff0"
                             "fffa2c05 02 fff0 fffa2c05 08 fff0 fffa2c05 0c fff0"));
    EXPECT_TRUE(requests_of({}).empty());
    // 255 bits a second hold an IAC.
    EXPECT_EQ(client.ask(speed_request(255)), bytes_of("fffa2c01 000000ffff fff0"));
}

TEST(ComPort, AnAnswerCountsOnlyAfterItsQuestion) {
    ComPortClient client;
    std::string data, reply;
    const auto request = control_request(ComPortControl::break_on, "break");
    client.feed(bytes_of("fffa2c69 01 fff0"), data, reply);
    client.ask(request);
    EXPECT_EQ(client.answer_to(request), std::nullopt);
    client.feed(bytes_of("fffa2c69 05 fff0"), data, reply);
    EXPECT_EQ(client.answer_to(request), "\x05");
}

TEST(ComPort, AServerMaySuspendAndResume) {
    ComPortClient client;
    std::string data, reply;
    EXPECT_FALSE(client.is_suspended());
    client.feed(bytes_of("fffa2c6c fff0"), data, reply);
    EXPECT_TRUE(client.is_suspended());
    client.feed(bytes_of("fffa2c6d fff0"), data, reply);
    EXPECT_FALSE(client.is_suspended());
}

TEST(ComPort, WhatMakesNoSenseIsIgnored) {
    ComPortClient client;
    std::string data, reply;
    // Nothing in it, an unknown code, a modem state without a state, another option.
    client.feed(bytes_of("fffa2cfff0 fffa2cc8 01 fff0 fffa2c6b fff0 fffa18 01 fff0"), data, reply);
    EXPECT_EQ(data + reply, "");
    EXPECT_EQ(client.modem_lines(), std::nullopt);
}

}  // namespace
}  // namespace patchbay
