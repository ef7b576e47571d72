// SPDX-License-Identifier: Apache-2.0
#include "tftp/packet.hpp"

#include <gtest/gtest.h>

namespace patchbay::tftp {
namespace {

using namespace std::string_literals;

/// What U-Boot 2023.01 sends for `tftpboot ${kernel_addr_r} 7/kernel/Image`.
const std::string uboot_request = "\0\1"s +
                                  "7/kernel/Image\0octet\0timeout\0"
                                  "5\0blksize\0"
                                  "1468\0"s;

std::string malformed(const std::string& bytes) {
    try {
        parse(bytes);
    } catch (const MalformedPacket& error) {
        return error.what();
    }
    return "taken";
}

TEST(TftpPacket, ReadsTheRequestOfUBoot) {
    const auto request = std::get<Request>(parse(uboot_request));
    EXPECT_EQ(request.direction, Direction::read);
    EXPECT_EQ(request.file, "7/kernel/Image");
    EXPECT_EQ(request.mode, "octet");
    EXPECT_EQ(request.options, (Options{{"timeout", "5"}, {"blksize", "1468"}}));
}

TEST(TftpPacket, NamesOfOptionsAndModesHaveNoCase) {
    const auto request = std::get<Request>(parse("\0\1F\0OcTet\0BLKSIZE\0008\0"s));
    EXPECT_EQ(request.mode, "octet");
    EXPECT_EQ(request.file, "F");
    EXPECT_EQ(request.options, (Options{{"blksize", "8"}}));
}

TEST(TftpPacket, ARequestFilledUpWithZerosIsTaken) {
    EXPECT_EQ(parse(uboot_request + std::string(100, '\0')), parse(uboot_request));
}

TEST(TftpPacket, WhatIsWrittenIsReadBack) {
    const Packet all[] = {
        Request{Direction::read, "a", "octet", {}},
        Request{Direction::write, "a/b", "netascii", {{"tsize", "0"}, {"windowsize", "16"}}},
        Data{65535, "bytes\0and more"},
        Data{0, ""},
        Acknowledgement{258},
        ErrorMessage{ErrorCode::option_refused, "no"},
        OptionAcknowledgement{{{"blksize", "1468"}}},
    };
    for (const auto& packet : all) {
        const auto bytes = format(packet);
        EXPECT_EQ(parse(bytes), packet) << bytes;
    }
    EXPECT_EQ(format(Acknowledgement{258}), "\0\4\1\2"s);
}

TEST(TftpPacket, ARequestCutAnywhereIsRefusedOrHasFewerOptions) {
    const auto whole = std::get<Request>(parse(uboot_request));
    for (std::size_t cut = 0; cut < uboot_request.size(); ++cut) {
        const auto part = uboot_request.substr(0, cut);
        if (malformed(part) != "taken") continue;
        const auto request = std::get<Request>(parse(part));
        EXPECT_EQ(request.file, whole.file);
        EXPECT_EQ(request.mode, whole.mode);
        EXPECT_LT(request.options.size(), whole.options.size()) << "cut at byte " << cut;
    }
}

TEST(TftpPacket, WhatIsNoPacketIsRefusedWithAReason) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "the datagram is no packet of TFTP"},
        {"\0"s, "the datagram is no packet of TFTP"},
        {"\0\7"s, "the datagram is no packet of TFTP"},
        {"GET / HTTP/1.0", "the datagram is no packet of TFTP"},
        {"\0\1"s, "the name of the file has no end"},
        {"\0\1\0octet\0"s, "the request names no file"},
        {"\0\1a\0octet"s, "the mode has no end"},
        {"\0\1a\0octet\0tsize"s, "the name of an option has no end"},
        {"\0\1a\0octet\0tsize\0"s + "0", "the value of an option has no end"},
        {"\0\1a\0octet\0\0"s + "0\0"s, "an option has no name"},
        {"\0\1a\0octet\0a\0"s + "1\0A\0"s + "2\0"s, "an option is there twice"},
        {"\0\1"s + std::string(1100, 'a'), "the request is longer than 1024 bytes"},
        {"\0\4\0"s, "the acknowledgement is cut off"},
        {"\0\3\0"s, "the block of data has a wrong length"},
        {"\0\3\0\1"s + std::string(largest_block + 1, 'a'), "the block of data has a wrong length"},
        {"\0\5\0"s, "the error is cut off"},
        {"\0\6"s + std::string(1100, 'a'), "the options are longer than 1024 bytes"},
    };
    for (const auto& [bytes, reason] : cases) EXPECT_EQ(malformed(bytes), reason) << bytes;
    auto many = "\0\1a\0octet\0"s;
    for (char name = 'a'; name < 'a' + 17; ++name) many += std::string{name} + "\0"s + "1\0"s;
    EXPECT_EQ(malformed(many), "there are more than 16 options");
}

TEST(TftpPacket, AnErrorWithoutAnEndIsReadAllTheSame) {
    EXPECT_EQ(std::get<ErrorMessage>(parse("\0\5\0\0stop"s)).text, "stop");
    EXPECT_EQ(std::get<ErrorMessage>(parse("\0\5\0\0"s)).text, "");
    EXPECT_EQ(std::get<ErrorMessage>(parse("\0\5\0\0"s + std::string(60000, 'x'))).text.size(), 512u);
}

TEST(TftpPacket, OnlyRequestsLookLikeRequests) {
    EXPECT_TRUE(looks_like_request(uboot_request));
    EXPECT_TRUE(looks_like_request("\0\2x"s));
    for (const auto& other : {""s, "\0\1"s, "\0\3\0\1"s, "\0\4\0\1"s, "\0\5\0\0no\0"s, "\1\1abc"s})
        EXPECT_FALSE(looks_like_request(other)) << other;
}

}  // namespace
}  // namespace patchbay::tftp
