// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/request_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace patchbay {
namespace {

void feed(RequestReader& reader, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto room = reader.prepare();
        const auto count = std::min(room.size(), bytes.size());
        std::memcpy(room.data(), bytes.data(), count);
        reader.commit(count);
        bytes.remove_prefix(count);
    }
}

/// Every request in `stream`, given in two pieces.
std::vector<Request> read_all(std::string_view stream, std::size_t cut, const HttpLimits& limits) {
    RequestReader reader{limits, "10.0.0.9"};
    std::vector<Request> requests;
    for (const auto piece : {stream.substr(0, cut), stream.substr(cut)}) {
        feed(reader, piece);
        while (reader.advance() == RequestReader::State::complete) requests.push_back(reader.take());
    }
    EXPECT_EQ(reader.state(), RequestReader::State::idle);
    return requests;
}

int status_of(const std::string& stream, HttpLimits limits = {}) {
    RequestReader reader{limits, "10.0.0.9"};
    try {
        feed(reader, stream);
        if (reader.advance() != RequestReader::State::complete) return 0;
        reader.take();
        return 200;
    } catch (const HttpError& error) {
        return error.status;
    }
}

TEST(RequestReader, PipelinedRequestsComeOutInOrderHoweverTheyAreCut) {
    const std::string stream =
        "GET /a?x=1 HTTP/1.1\r\nHost: lab\r\n\r\n"
        "POST /b HTTP/1.1\r\nHost: lab\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello"
        "POST /c HTTP/1.1\r\nHost: lab\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: "
        "r\r\n\r\n"
        "DELETE /d HTTP/1.0\r\n\r\n";
    const HttpLimits limits;
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        const auto requests = read_all(stream, cut, limits);
        ASSERT_EQ(requests.size(), 4u) << "cut at byte " << cut;
        EXPECT_EQ(requests[0].path, "/a/");
        EXPECT_EQ(*requests[0].query_value("x"), "1");
        EXPECT_EQ(requests[1].body, "hello");
        EXPECT_EQ(*requests[1].header("content-type"), "text/plain");
        EXPECT_EQ(requests[2].body, "abcde");
        EXPECT_EQ(requests[3].method, Method::del);
        EXPECT_EQ(requests[3].method_name, "DELETE");
        EXPECT_EQ(requests[0].base_url, "http://lab");
        EXPECT_EQ(requests[0].peer, "10.0.0.9");
    }
}

struct BadCase {
    const char* what;
    const char* text;
    int status;
};

TEST(RequestReader, AmbiguousAndMalformedRequestsAreRefused) {
    const BadCase cases[] = {
        {"two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"the other way", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", 400},
        {"lengths differ", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
        {"length twice", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
        {"no number", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400},
        {"negative", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        {"not only chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400},
        {"chunked not last", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400},
        {"chunked in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"blank before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"bad host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"no http", "hello\r\n\r\n", 400},
        {"bad chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400},
        {"NUL in header", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400},
        {"other version", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505},
        {"other expectation", "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 1\r\n\r\nx", 417},
        {"path", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"http 1.0 needs no host", "GET / HTTP/1.0\r\n\r\n", 200},
    };
    for (const auto& c : cases) EXPECT_EQ(status_of(c.text), c.status) << c.what;
}

TEST(RequestReader, LimitsHoldToTheByte) {
    HttpLimits limits;
    limits.header_bytes = 200;
    limits.body_bytes = 10;
    const std::string start = "POST /x HTTP/1.1\r\nHost: a\r\n";
    EXPECT_EQ(status_of(start + "Content-Length: 10\r\n\r\n0123456789", limits), 200);
    EXPECT_EQ(status_of(start + "Content-Length: 11\r\n\r\n", limits), 413);
    EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n", limits), 200);
    EXPECT_EQ(status_of(start + "Transfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n", limits), 413);
    EXPECT_EQ(status_of(start + "X: " + std::string(300, 'x') + "\r\n\r\n", limits), 431);
    EXPECT_EQ(status_of(std::string(300, 'x'), limits), 431);
}

TEST(RequestReader, OnlyATrustedProxyNamesTheClientsUrl) {
    const std::string stream =
        "GET / HTTP/1.1\r\nHost: inner:8080\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: lab.example\r\n\r\n";
    HttpLimits limits;
    EXPECT_EQ(read_all(stream, 0, limits)[0].base_url, "http://inner:8080");
    limits.trusted_proxies = Subnets{{"10.0.0.9"}};
    EXPECT_EQ(read_all(stream, 0, limits)[0].base_url, "https://lab.example");
}

TEST(RequestReader, OnlyATrustedProxyNamesTheClientsAddress) {
    const std::string stream =
        "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n";
    HttpLimits limits;
    EXPECT_EQ(read_all(stream, 0, limits)[0].peer, "10.0.0.9");
    limits.trusted_proxies = Subnets{{"10.0.0.0/24"}};
    EXPECT_EQ(read_all(stream, 0, limits)[0].peer, "198.51.100.7");
}

}  // namespace
}  // namespace patchbay
