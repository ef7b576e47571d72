// SPDX-License-Identifier: Apache-2.0
// Answers without a known length.

#include "tests/daemon/http/server_fixture.hpp"

namespace patchbay {
namespace {

using HttpStreamTest = HttpServerTest;

TEST_F(HttpStreamTest, PiecesArriveWhenTheyAreWritten) {
    HttpClient client{port()};
    client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_NE(head.find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_EQ(client.read_until("two\n\r\n"), "4\r\none\n\r\n4\r\ntwo\n\r\n");
    release_slow();
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "0\r\n\r\n");
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpStreamTest, AnHttp10ClientGetsThePlainBytes) {
    release_slow();
    HttpClient client{port()};
    client.send("GET /stream HTTP/1.0\r\n\r\n");
    EXPECT_EQ(client.read().body, "one\ntwo\n");
}

TEST_F(HttpStreamTest, HeadOfAStreamEndsAtOnce) {
    HttpClient client{port()};
    client.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.read(true).status, 200);
    EXPECT_TRUE(client.at_end());
}

TEST_F(HttpStreamTest, AStreamIsCancelledWhenItsClientGoes) {
    {
        HttpClient client{port()};
        client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
        client.read_until("two\n");
    }
    wait_for([&] { return streams_ended.load() == 1; });
}

TEST_F(HttpStreamTest, AStreamIsCancelledWhenTheServerStops) {
    HttpClient client{port()};
    client.send("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_until("two\n\r\n");
    stop_server().get();
    EXPECT_EQ(streams_ended.load(), 1);
    EXPECT_EQ(client.read_until("0\r\n\r\n"), "");  // no last chunk: the client knows that more was to come
}

TEST_F(HttpStreamTest, AWriterWaitsForASlowReader) {
    HttpClient client{port()};
    client.send("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_until("\r\n\r\n");
    // The socket buffers fill up; then the io thread goes idle, since the handler waits.
    int before = -1;
    int same = 0;
    wait_for([&] {
        on_io([&] {
            same = chunks_written.load() == before ? same + 1 : 0;
            before = chunks_written.load();
        });
        return before > 0 && same > 2000;
    });
    EXPECT_LT(chunks_written.load() * 64 * 1024, 64 * 1024 * 1024);
    const int stalled = chunks_written.load();
    wait_for([&] {
        client.read_some();
        return chunks_written.load() > stalled;
    });
    client.close();
    wait_for([&] { return streams_ended.load() == 1; });
}

}  // namespace
}  // namespace patchbay
