// SPDX-License-Identifier: Apache-2.0
#include "core/telnet/telnet.hpp"

#include <gtest/gtest.h>

namespace patchbay::telnet {

// For messages of the tests.
static void PrintTo(const Command& command, std::ostream* out) {
    *out << int{command.verb} << ' ' << int{command.option} << " '" << command.payload << "'";
}

namespace {

using namespace std::string_literals;

struct Case {
    const char* name;
    std::string bytes;
    std::string data;
    std::vector<Command> commands;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"plain", "login: \r\n\0x"s, "login: \r\n\0x"s, {}},
        {"doubled IAC", "a\xff\xff"s + "b\xff\xff\xff\xff"s, "a\xff"s + "b\xff\xff"s, {}},
        {"options",
         "\xff\xfb\x01"s + "x\xff\xfe\x2c\xff\xfd\xff"s,
         "x",
         {{will, 1, ""}, {dont, 44, ""}, {do_, 255, ""}}},
        {"commands without an option", "a\xff\xf1\xff\xf9"s + "b"s, "ab", {}},
        {"subnegotiation",
         "1\xff\xfa\x2c\x65\x00\x01\xc2\x00\xff\xf0"s + "2"s,
         "12",
         {{sb, 44, "\x65\x00\x01\xc2\x00"s}}},
        {"IAC in a subnegotiation", "\xff\xfa\x2c\x6b\xff\xff\xff\xf0"s, "", {{sb, 44, "\x6b\xff"s}}},
        {"empty subnegotiation", "\xff\xfa\x2c\xff\xf0"s, "", {{sb, 44, ""}}},
        {"subnegotiation that never ends", "\xff\xfa\x2c\x01\xff\xfb\x00y"s, "y", {{will, 0, ""}}},
        {"lonely SE", "\xff\xf0z"s, "z", {}},
    };
    return all;
}

TEST(Telnet, TakesFramesApartHoweverTheyAreCut) {
    for (const auto& one : cases()) {
        for (std::size_t cut = 0; cut <= one.bytes.size(); ++cut) {
            Decoder decoder;
            std::string data;
            std::vector<Command> commands;
            decoder.feed(std::string_view{one.bytes}.substr(0, cut), data, commands);
            decoder.feed(std::string_view{one.bytes}.substr(cut), data, commands);
            EXPECT_EQ(data, one.data) << one.name << ", cut at " << cut;
            EXPECT_EQ(commands, one.commands) << one.name << ", cut at " << cut;
        }
    }
}

TEST(Telnet, WhatIsEncodedIsReadAsItWas) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    all += "\xff\xff";
    Decoder decoder;
    std::string data;
    std::vector<Command> commands;
    decoder.feed(encode(all) + subnegotiation(255, all), data, commands);
    EXPECT_EQ(data, all);
    EXPECT_EQ(commands, (std::vector<Command>{{sb, 255, all}}));
}

TEST(Telnet, ASubnegotiationWithoutEndTakesNoMemory) {
    Decoder decoder;
    std::string data;
    std::vector<Command> commands;
    decoder.feed("\xff\xfa\x2c"s + std::string(100'000, 'x') + "\xff\xf0"s, data, commands);
    ASSERT_EQ(commands.size(), 1u);
    EXPECT_EQ(commands[0].payload.size(), Decoder::payload_limit);
}

}  // namespace
}  // namespace patchbay::telnet
