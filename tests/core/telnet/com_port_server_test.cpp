// SPDX-License-Identifier: Apache-2.0
#include "core/telnet/com_port_server.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

using namespace std::string_literals;
using Kind = ComPortWish::Kind;

const std::string will_com_port = "\xff\xfb\x2c"s, do_com_port = "\xff\xfd\x2c"s;
const std::string will_binary = "\xff\xfb\x00"s, do_binary = "\xff\xfd\x00"s;

std::string sub(const std::string& payload) { return telnet::subnegotiation(44, payload); }

struct Client {
    ComPortServer server;
    std::string keys, reply;
    std::vector<ComPortWish> wishes;

    Client() { server.hello(); }
    /// What is sent back to it.
    std::string say(const std::string& bytes) {
        reply.clear();
        server.feed(bytes, keys, wishes, reply);
        return reply;
    }
};

TEST(ComPortServer, OffersWhatAPersonsTelnetNeeds) {
    EXPECT_EQ(ComPortServer{}.hello(), "\xff\xfb\x01\xff\xfb\x03\xff\xfb\x00\xff\xfd\x03\xff\xfd\x00"s);
}

TEST(ComPortServer, AgreesToComPortAndAnswersNothingThatItAskedFor) {
    Client client;
    EXPECT_EQ(client.say(will_com_port), do_com_port);
    EXPECT_EQ(client.say(will_com_port), "") << "no news";
    EXPECT_EQ(client.say(do_binary + will_binary), "") << "that is the answer to our own";
    EXPECT_EQ(client.say("\xff\xfb\x18"s), "\xff\xfe\x18"s) << "no TERMINAL-TYPE";
    EXPECT_EQ(client.say("\xff\xfd\x18"s), "\xff\xfc\x18"s);
}

TEST(ComPortServer, KeysAreThoseOfTheBoardWhateverTheyAre) {
    Client client;
    client.say("ls\r"s + "\0"s + "x\r\ny\xff\xff"s);
    EXPECT_EQ(client.keys, "ls\rx\ry\xff"s) << "without BINARY a return is two bytes";
    client.keys.clear();
    client.say(will_binary + "\r\n\r\0"s);
    EXPECT_EQ(client.keys, "\r\n\r\0"s);
}

TEST(ComPortServer, SaysWhatTheSpeedIsAndWishesForAnother) {
    Client client;
    EXPECT_EQ(client.say(sub("\x01\x00\x00\x00\x00"s)), sub("\x65\x00\x01\xc2\x00"s)) << "a query: 115200";
    EXPECT_TRUE(client.wishes.empty());
    EXPECT_EQ(client.say(sub("\x01\x00\x16\xe3\x60"s)), sub("\x65\x00\x16\xe3\x60"s));
    ASSERT_EQ(client.wishes.size(), 1u);
    EXPECT_EQ(client.wishes[0], (ComPortWish{Kind::speed, 1'500'000}));
    client.say(sub("\x01\x00\x16\xe3\x60"s));
    EXPECT_EQ(client.wishes.size(), 1u) << "it has that already";
}

TEST(ComPortServer, TheUsualSpeedIsSetToo) {
    Client client;
    client.say(sub("\x01\x00\x01\xc2\x00"s));
    const std::vector<ComPortWish> expected{{Kind::speed, 115'200}};
    EXPECT_EQ(client.wishes, expected) << "an earlier client may have left another";
}

TEST(ComPortServer, SaysThatItsPortHasNoOtherFormThanItsOwn) {
    Client client;
    EXPECT_EQ(client.say(sub("\x02\x07"s)), sub("\x66\x08"s));
    EXPECT_EQ(client.say(sub("\x03\x03"s)), sub("\x67\x01"s));
    EXPECT_EQ(client.say(sub("\x04\x02"s)), sub("\x68\x01"s));
    EXPECT_EQ(client.say(sub("\x05\x03"s)), sub("\x69\x01"s)) << "no flow control";
    EXPECT_EQ(client.say(sub("\x00"s)), sub("\x64Patchbay"s));
    EXPECT_EQ(client.say(sub("\x0c\x03"s)), sub("\x70\x03"s));
}

TEST(ComPortServer, WishesForBreaksAndModemLinesWhenTheyChange) {
    Client client;
    EXPECT_EQ(client.say(sub("\x05\x05"s)), sub("\x69\x05"s));
    EXPECT_EQ(client.say(sub("\x05\x04"s)), sub("\x69\x05"s)) << "it holds";
    EXPECT_EQ(client.say(sub("\x05\x06"s)), sub("\x69\x06"s));
    EXPECT_EQ(client.say(sub("\x05\x08"s)), sub("\x69\x08"s)) << "an earlier client may have left it off";
    client.say(sub("\x05\x08"s));
    EXPECT_EQ(client.say(sub("\x05\x09"s)), sub("\x69\x09"s));
    EXPECT_EQ(client.say(sub("\x05\x07"s)), sub("\x69\x09"s));
    EXPECT_EQ(client.say(sub("\x05\x0c"s)), sub("\x69\x0c"s));
    const std::vector<ComPortWish> expected{{Kind::send_break, 0}, {Kind::dtr, 1}, {Kind::dtr, 0}, {Kind::rts, 0}};
    EXPECT_EQ(client.wishes, expected);
}

TEST(ComPortServer, IsSuspendedUntilItIsResumed) {
    Client client;
    EXPECT_EQ(client.say(sub("\x08"s)), "");
    EXPECT_TRUE(client.server.is_suspended());
    client.say(sub("\x09"s));
    EXPECT_FALSE(client.server.is_suspended());
}

TEST(ComPortServer, HoweverTheBytesAreCutTheyMeanTheSame) {
    const auto all = "a"s + will_com_port + sub("\x01\x00\x00\x25\x80"s) + "b\xff\xff"s + sub("\x05\x05"s) + "c"s;
    Client whole;
    const auto replies = whole.say(all);
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        Client client;
        auto got = client.say(all.substr(0, cut));
        got += client.say(all.substr(cut));
        EXPECT_EQ(client.keys, whole.keys) << cut;
        EXPECT_EQ(client.wishes, whole.wishes) << cut;
        EXPECT_EQ(got, replies) << cut;
    }
}

}  // namespace
}  // namespace patchbay
