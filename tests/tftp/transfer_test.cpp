// SPDX-License-Identifier: Apache-2.0
#include "tftp/transfer.hpp"

#include <gtest/gtest.h>

namespace patchbay::tftp {
namespace {

using namespace std::chrono_literals;
using State = Transfer::State;

/// "OACK", "ERROR 4", "3", "5-8", "-"
std::string text(const Step& step) {
    if (step.empty()) return "-";
    if (step.packet) {
        if (const auto* error = std::get_if<ErrorMessage>(&*step.packet))
            return "ERROR " + std::to_string(static_cast<int>(error->code));
        return std::holds_alternative<OptionAcknowledgement>(*step.packet) ? "OACK" : "?";
    }
    if (step.first == step.last) return std::to_string(step.first);
    return std::to_string(step.first) + "-" + std::to_string(step.last);
}

Transfer transfer(std::uint64_t size, const Options& options = {}) { return Transfer{agree(options, size), size}; }
Transfer windowed(std::uint64_t size, const std::string& window) { return transfer(size, {{"windowsize", window}}); }
std::string ack(Transfer& t, std::uint16_t block) { return text(t.on_packet(Acknowledgement{block})); }

TEST(TftpTransfer, WithoutOptionsTheFirstBlockIsTheFirstAnswer) {
    auto t = transfer(1000);
    EXPECT_EQ(text(t.begin()), "1");
    EXPECT_EQ(ack(t, 1), "2");
    EXPECT_EQ(t.length(1), 512u);
    EXPECT_EQ(t.length(2), 488u);
    EXPECT_EQ(t.offset(2), 512u);
    EXPECT_EQ(t.state(), State::running);
    EXPECT_EQ(ack(t, 2), "-");
    EXPECT_EQ(t.state(), State::complete);
    EXPECT_EQ(t.acknowledged_bytes(), 1000u);
    EXPECT_EQ(t.sent_again(), 0u);
}

TEST(TftpTransfer, OptionsAreAgreedBeforeTheFirstBlock) {
    auto t = transfer(1000, {{"blksize", "1468"}});
    EXPECT_EQ(text(t.begin()), "OACK");
    EXPECT_EQ(ack(t, 1), "-");  // of what?
    EXPECT_EQ(ack(t, 0), "1");
    EXPECT_EQ(ack(t, 1), "-");
    EXPECT_EQ(t.state(), State::complete);
}

TEST(TftpTransfer, AFileOfWholeBlocksEndsWithAnEmptyOneAndSoDoesAnEmptyFile) {
    auto whole = transfer(1024);
    whole.begin();
    EXPECT_EQ(ack(whole, 1), "2");
    EXPECT_EQ(ack(whole, 2), "3");
    EXPECT_EQ(whole.length(3), 0u);
    EXPECT_EQ(ack(whole, 3), "-");
    EXPECT_EQ(whole.state(), State::complete);
    auto empty = transfer(0);
    EXPECT_EQ(text(empty.begin()), "1");
    EXPECT_EQ(empty.length(1), 0u);
    ack(empty, 1);
    EXPECT_EQ(empty.state(), State::complete);
}

TEST(TftpTransfer, AcknowledgementsThatComeTwiceDoNotDoubleTheBlocks) {
    auto t = transfer(5000);
    t.begin();
    EXPECT_EQ(ack(t, 1), "2");
    EXPECT_EQ(ack(t, 1), "-");
    EXPECT_EQ(ack(t, 1), "-");
    EXPECT_EQ(ack(t, 2), "3");
    EXPECT_EQ(ack(t, 1), "-");  // late
    EXPECT_EQ(ack(t, 9), "-");  // of what was never sent
    EXPECT_EQ(t.sent_again(), 0u);
}

TEST(TftpTransfer, WhatIsNotAcknowledgedIsSentAgainLaterAndLater) {
    auto t = transfer(1000);
    t.begin();
    std::string waits;
    while (t.state() == State::running) {
        waits += std::to_string(t.patience().count()) + " ";
        if (waits.size() < 14)
            EXPECT_EQ(text(t.on_timeout()), "1");
        else
            EXPECT_EQ(text(t.on_timeout()), waits.ends_with("16 16 ") ? "ERROR 0" : "1");
    }
    EXPECT_EQ(waits, "1 2 4 8 16 16 ");
    EXPECT_EQ(t.state(), State::failed);
    EXPECT_EQ(t.reason(), "the client does not answer any more");
    EXPECT_EQ(ack(t, 1), "-");
    EXPECT_EQ(text(t.on_timeout()), "-");
}

TEST(TftpTransfer, TheClientsTimeoutIsTheShortestAndAnAnswerBringsItBack) {
    auto t = transfer(5000, {{"timeout", "20"}});
    t.begin();
    EXPECT_EQ(text(t.on_timeout()), "OACK");
    EXPECT_EQ(t.patience(), 20s);  // never less than was agreed
    auto u = transfer(5000, {{"timeout", "5"}});
    u.begin();
    u.on_timeout();
    EXPECT_EQ(u.patience(), 10s);
    EXPECT_EQ(ack(u, 0), "1");
    EXPECT_EQ(u.patience(), 5s);
}

TEST(TftpTransfer, AnAnswerAfterManyLossesCountsThemFromTheStart) {
    auto t = transfer(100000);
    t.begin();
    for (std::uint16_t block = 1; block < 20; ++block) {
        for (int lost = 0; lost < 5; ++lost) EXPECT_EQ(text(t.on_timeout()), std::to_string(block));
        EXPECT_EQ(ack(t, block), std::to_string(block + 1));
    }
    EXPECT_EQ(t.sent_again(), 19u * 5);
}

TEST(TftpTransfer, AWindowIsSentAtOnceAndTheNextAfterItsLastBlock) {
    auto t = windowed(10 * 512 - 1, "4");
    EXPECT_EQ(text(t.begin()), "OACK");
    EXPECT_EQ(ack(t, 0), "1-4");
    EXPECT_EQ(ack(t, 4), "5-8");
    EXPECT_EQ(ack(t, 8), "9-10");
    EXPECT_EQ(ack(t, 10), "-");
    EXPECT_EQ(t.state(), State::complete);
    EXPECT_EQ(t.sent_again(), 0u);
}

TEST(TftpTransfer, AfterAHoleInAWindowTheNextBeginsThere) {
    auto t = windowed(100 * 512, "4");
    t.begin();
    ack(t, 0);
    EXPECT_EQ(ack(t, 2), "3-6");
    EXPECT_EQ(t.sent_again(), 2u);
    EXPECT_EQ(ack(t, 6), "7-10");
}

TEST(TftpTransfer, ALostFirstBlockOfAWindowIsBelievedOnce) {
    auto t = windowed(100 * 512, "4");
    t.begin();
    ack(t, 0);
    ack(t, 4);
    EXPECT_EQ(ack(t, 4), "5-8");  // 5 was lost: said when 6 came,
    EXPECT_EQ(ack(t, 4), "-");    // when 7 came,
    EXPECT_EQ(ack(t, 4), "-");    // and when 8 came
    EXPECT_EQ(text(t.on_timeout()), "5-8");
    EXPECT_EQ(ack(t, 4), "5-8");
    EXPECT_EQ(ack(t, 4), "-");
    EXPECT_EQ(ack(t, 8), "9-12");
}

TEST(TftpTransfer, BlockNumbersGoOnBehindTheLargest) {
    auto t = windowed(std::uint64_t{200'000} * 512, "100");
    t.begin();
    ack(t, 0);
    std::uint64_t block = 0;
    while (t.state() == State::running) {
        block = std::min<std::uint64_t>(block + 100, 200'001);
        t.on_packet(Acknowledgement{Transfer::wire_number(block)});
        ASSERT_EQ(t.acknowledged(), block);
    }
    EXPECT_EQ(t.state(), State::complete);
    EXPECT_EQ(t.acknowledged_bytes(), 200'000u * 512);
    EXPECT_EQ(t.sent_again(), 0u);
    EXPECT_EQ(Transfer::wire_number(65536), 0);
}

TEST(TftpTransfer, AClientThatStopsEndsIt) {
    auto t = transfer(1000, {{"tsize", "0"}});
    t.begin();
    EXPECT_EQ(text(t.on_packet(ErrorMessage{ErrorCode::option_refused, "only asking"})), "-");
    EXPECT_EQ(t.state(), State::ended_by_client);
    EXPECT_EQ(t.reason(), "the client said error 8: only asking");
}

TEST(TftpTransfer, WhatBelongsIntoNoReadingEndsIt) {
    for (const Packet& wrong : {Packet{Data{1, "x"}}, Packet{Request{}}, Packet{OptionAcknowledgement{}}}) {
        auto t = transfer(1000);
        t.begin();
        EXPECT_EQ(text(t.on_packet(wrong)), "ERROR 4");
        EXPECT_EQ(t.state(), State::failed);
    }
}

}  // namespace
}  // namespace patchbay::tftp
