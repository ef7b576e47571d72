// SPDX-License-Identifier: Apache-2.0
// What a console's terminal makes of keys and messages, and the frames below them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "cli/console/console_view.hpp"
#include "cli/console/escape_menu.hpp"
#include "cli/console/key_input.hpp"
#include "cli/http/frames.hpp"
#include "core/config/base64.hpp"

namespace patchbay::cli {
namespace {

using List = std::vector<Typed>;

TEST(EscapeMenu, KeysAreTheBoards) {
    EXPECT_EQ(EscapeMenu{}.feed("ls -l\r\x03\x1b[A"), (List{Keys{"ls -l\r\x03\x1b[A"}}));
}

TEST(EscapeMenu, BehindTheEscapeComesAWish) {
    EXPECT_EQ(EscapeMenu{}.feed("ab\x1d"
                                "ocd"),
              (List{Keys{"ab"}, Wish{"power", "on"}, Keys{"cd"}}));
    EXPECT_EQ(EscapeMenu{}.feed("\x1d"
                                "c\x1d"
                                "r\x1d"
                                "b\x1dw"),
              (List{Wish{"power", "cycle"}, Wish{"reset", ""}, Wish{"break", ""}, Wish{"who", ""}}));
    EXPECT_EQ(EscapeMenu{}.feed("\x1d]\x1d\x1d"), (List{Keys{"\x1d"}, Keys{"\x1d"}})) << "the escape itself";
    EXPECT_EQ(EscapeMenu{}.feed("\x1dq"), (List{Quit{}}));
    EXPECT_EQ(EscapeMenu{}.feed("\x1d"
                                "Z"),
              (List{ShowHelp{}}));
}

TEST(EscapeMenu, AsksToWhomTheKeyboardGoes) {
    EscapeMenu menu;
    EXPECT_EQ(menu.feed("\x1dg"), (List{Echo{"\r\ngive the keyboard to: "}}));
    EXPECT_EQ(menu.feed("bop\x7f"
                        "b\r"),
              (List{Echo{"b"}, Echo{"o"}, Echo{"p"}, Echo{"\b \b"}, Echo{"b"}, Echo{"\r\n"}, Wish{"give", "bob"}}));
    EXPECT_EQ(menu.feed("x"), (List{Keys{"x"}}));
    EXPECT_EQ(menu.feed("\x1dg\r"), (List{Echo{"\r\ngive the keyboard to: "}, Echo{"\r\n"}})) << "to nobody";
}

TEST(EscapeMenu, HoweverTheKeysComeTheyMeanTheSame) {
    const std::string keys =
        "a\x1d"
        "ob\x1dgbob\rc\x1dq";
    const auto whole = EscapeMenu{}.feed(keys);
    for (std::size_t cut = 0; cut <= keys.size(); ++cut) {
        EscapeMenu menu;
        auto got = menu.feed(keys.substr(0, cut));
        for (auto& one : menu.feed(keys.substr(cut))) got.push_back(std::move(one));
        EXPECT_EQ(got, whole) << cut;
    }
}

TEST(ConsoleView, ShowsBytesAsTheyAreAndSentencesOnLinesOfTheirOwn) {
    ConsoleView view;
    EXPECT_EQ(view.show(R"({"device":"rock-1","job":7,"user":"alice","live":true})"),
              "[console of rock-1, lease of alice; Ctrl-] ? shows the menu]\r\n");
    EXPECT_EQ(view.show(R"({"writer":"alice","you":true})"), "\r\n[you have the keyboard]\r\n");
    EXPECT_EQ(view.show(R"({"writer":"alice","you":true})"), "") << "that is known";
    EXPECT_EQ(view.show(R"({"console":")" + config::encode_base64("=> \x1b[1m") + "\"}"), "=> \x1b[1m");
    EXPECT_EQ(view.show(R"({"writer":"bob","you":false})"), "\r\n[bob has the keyboard; Ctrl-] a asks for it]\r\n");
    EXPECT_EQ(view.show(R"({"writer":null,"you":false})"), "\r\n[nobody has the keyboard]\r\n");
    EXPECT_EQ(view.show(R"({"notice":"it ends in 5 minutes"})"), "\r\n[it ends in 5 minutes]\r\n");
    EXPECT_EQ(view.show("nonsense"), "");
    EXPECT_EQ(view.show(R"({"device":"rock-1","job":7,"user":"alice","live":true})"),
              "\r\n[connected again to rock-1]\r\n");
}

TEST(ConsoleView, SaysOfAJobThatItIsOnlyRead) {
    EXPECT_EQ(ConsoleView{}.show(R"({"device":"rock-1","job":7,"user":"bob","live":false})"),
              "[rock-1 runs job 7 of bob: you can only read; Ctrl-] q leaves]\r\n");
}

TEST(ConsoleView, KnowsWhereANewConnectionGoesOn) {
    ConsoleView view;
    EXPECT_EQ(view.place(), "");
    const std::string hello = R"({"device":"rock-1","job":7,"user":"alice","live":true})";
    view.show(hello);
    EXPECT_EQ(view.place(), "") << "nothing was counted yet";
    view.show(R"({"console":")" + config::encode_base64("12345") + R"(","at":1000})");
    EXPECT_EQ(view.place(), "job=7&from=1005");
    view.show(hello);
    EXPECT_EQ(view.place(), "job=7&from=1005") << "it is the same lease";
    view.show(R"({"device":"rock-1","job":8,"user":"bob","live":true})");
    EXPECT_EQ(view.place(), "") << "another counts anew";
    view.show(R"({"console":")" + config::encode_base64("line\r\n") + R"("})");
    EXPECT_EQ(view.place(), "");
}

TEST(KeyInput, IsPolledNoMoreWhenItHasEnded) {
    std::array<int, 2> pipe;
    ASSERT_EQ(::pipe(pipe.data()), 0);
    KeyInput input{pipe[0]};
    const auto poll_now = [&] {
        auto ready = input.waiting();
        ::poll(&ready, 1, 0);
        return ready.revents;
    };
    EXPECT_EQ(input.take(poll_now()), "");
    EXPECT_FALSE(input.ended());
    ASSERT_EQ(::write(pipe[1], "ls\r", 3), 3);
    EXPECT_EQ(input.take(poll_now()), "ls\r");
    KeyInput other{pipe[0]};
    ::close(pipe[1]);
    EXPECT_EQ(input.take(poll_now()), "");
    EXPECT_TRUE(input.ended());
    EXPECT_EQ(poll_now(), 0) << "else the loop would turn without end";
    ::close(pipe[0]);
    auto ready = other.waiting();
    ASSERT_EQ(::poll(&ready, 1, 0), 1);
    EXPECT_EQ(ready.revents, POLLNVAL);
    EXPECT_EQ(other.take(ready.revents), "");
    EXPECT_TRUE(other.ended()) << "it is closed";
}

TEST(ConsoleMessages, AreWhatTheServerReads) {
    EXPECT_EQ(messages_of(Keys{"ls\r"}), std::vector<std::string>{R"({"keys":"bHMN"})"});
    EXPECT_EQ(messages_of(Keys{std::string(40'000, 'x')}).size(), 3u);
    EXPECT_EQ(message_of(Wish{"take", ""}), R"({"take":true})");
    EXPECT_EQ(message_of(Wish{"give", "bob"}), R"({"give":"bob"})");
    EXPECT_EQ(message_of(Wish{"power", "on"}), R"({"do":"power","value":"on"})");
}

/// As a server sends it: without a mask.
std::string served(int first, std::string_view payload) {
    std::string frame(1, static_cast<char>(first));
    if (payload.size() < 126) {
        frame += static_cast<char>(payload.size());
    } else {
        frame += "\x7e";
        frame += static_cast<char>(payload.size() >> 8);
        frame += static_cast<char>(payload.size() & 0xFF);
    }
    return frame + std::string{payload};
}

TEST(Frames, AreReadHoweverTheyAreCut) {
    const auto all = served(0x81, "hello") + served(0x01, "in ") + served(0x89, "ping") + served(0x80, "pieces") +
                     served(0x81, std::string(300, 'x')) + served(0x88, "\x03\xe8over");
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        FrameReader reader;
        std::vector<std::string> payloads;
        for (const auto& part : {all.substr(0, cut), all.substr(cut)}) {
            reader.feed(part);
            while (auto message = reader.next()) payloads.push_back(std::move(message->payload));
        }
        const std::vector<std::string> expected{"hello", "ping", "in pieces", std::string(300, 'x'), "\x03\xe8over"};
        EXPECT_EQ(payloads, expected) << cut;
    }
}

TEST(Frames, ThatAServerNeverSendsAreRefused) {
    for (const auto& bytes : {std::string{"\x81\x85"} + "1234hello", std::string{"\xc1\x01x"}, served(0x80, "rest"),
                              std::string{"\x81\x7f\x00\x00\x00\x00\x7f\xff\xff\xff", 10}}) {
        FrameReader reader;
        reader.feed(bytes);
        EXPECT_THROW(reader.next(), std::runtime_error);
    }
}

TEST(Frames, OfAClientAreMasked) {
    EXPECT_EQ(encode_frame(Opcode::text, "ab", 0x01020304), std::string("\x81\x82\x01\x02\x03\x04\x60\x60", 8));
    EXPECT_EQ(encode_frame(Opcode::binary, std::string(300, 'x'), 0).substr(0, 4), "\x82\xfe\x01\x2c");
    EXPECT_EQ(encode_frame(Opcode::text, std::string(70'000, 'x'), 0).size(), 70'000u + 14);
}

}  // namespace
}  // namespace patchbay::cli
