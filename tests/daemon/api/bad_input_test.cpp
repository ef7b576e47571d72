// SPDX-License-Identifier: Apache-2.0
// What broken and hostile clients send over a real socket: each gets a 4xx that names the thing, and the daemon serves
// on.
#include "tests/daemon/api/served_lab.hpp"

namespace patchbay {
namespace {

using namespace testing;

class BadInputTest : public ServedApiTest {
protected:
    /// The answer to these bytes as "<status> <body>"; asserts that the next client is served.
    std::string raw(const std::string& bytes) {
        const auto answer = ask(port, bytes);
        EXPECT_LT(answer.status, 500);
        EXPECT_GE(answer.status, 400);
        EXPECT_TRUE(answer.complete);
        EXPECT_EQ(answer.headers.at("content-type"), "application/json");
        EXPECT_NO_THROW(config::parse_json(answer.body)) << answer.body;
        serves_on();
        return std::to_string(answer.status) + " " + answer.body;
    }
    std::string get(const std::string& target) { return raw(request_text("GET", target, token)); }
    std::string post(const std::string& type, const std::string& body) {
        return raw(request_text("POST", "/api/v0.2/jobs/", token + "Content-Type: " + type + "\r\n", body));
    }
    std::string submit_text(const std::string& definition) {
        config::Map fields;
        fields.set("definition", definition);
        return post("application/json", config::dump_json(config::Value{std::move(fields)}));
    }

    std::string token = "Authorization: Token " + lab.token("alice") + "\r\n";
};

std::string repeated(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

/// Each level holds nine of the level before: 9^11 nodes.
std::string alias_bomb() {
    std::string bomb = "a0: &a0 [x]\n";
    for (int i = 1; i < 12; ++i) {
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" +
                repeated("*a" + std::to_string(i - 1) + ",", 9) + "]\n";
    }
    return bomb;
}

TEST_F(BadInputTest, ABodyBeyondTheLimitIsRefused) {
    const std::string large(body_limit + 1, 'x');
    EXPECT_EQ(post("application/json", large), R"(413 {"detail":"The body is larger than 262144 bytes."})");
    EXPECT_EQ(raw("POST /api/v0.2/jobs/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n" + large),
              R"(413 {"detail":"The body is larger than 262144 bytes."})");
    EXPECT_EQ(raw("POST /api/v0.2/jobs/ HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999\r\n\r\n"),
              R"(413 {"detail":"The body is larger than 262144 bytes."})");
    EXPECT_EQ(get("/api/v0.2/jobs/?description=" + std::string(20'000, 'x')),
              R"(431 {"detail":"Request line and headers are larger than 16384 bytes."})");
    EXPECT_EQ(raw(request_text("GET", "/", "X: " + std::string(20'000, 'x') + "\r\n")),
              R"(431 {"detail":"Request line and headers are larger than 16384 bytes."})");
}

TEST_F(BadInputTest, WhatIsNotHttpIsRefused) {
    for (const std::string bytes :
         {"hello\r\n\r\n", "\x16\x03\x01\x02\x01\x01\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET\r\n\r\n",
          "GET / HTTP/1.1\r\n: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nBad Header: x\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: h\r\nX: a\x01"
          "b\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n"}) {
        SCOPED_TRACE(bytes);
        const auto answer = ask(port, bytes);
        EXPECT_TRUE(answer.status == 400 || answer.status == 505) << answer.status;
        EXPECT_THAT(answer.body, HasSubstr("{\"detail\":\""));
        serves_on();
    }
}

TEST_F(BadInputTest, PathTricksFindNothing) {
    for (const std::string path :
         {"/api/v0.2/../../etc/passwd", "/..%2f..%2fetc/passwd", "/api/v0.2/devices/..%2f..%2f..%2fetc%2fpasswd/",
          "/api/v0.2/devices/%2e%2e/", "/api/v0.2/devices/..\\..\\x/", "/api/v0.2/jobs/1;x=y/", "/%", "/%zz", "/%c0%af",
          "/%ff", "/a%00b", "/?a=%00", "/?a=%ff", "http://other.example/x", "/api/v0.2/jobs/%31%00/",
          "/api/v0.2/devices/%7B%7B7*7%7D%7D/", "/api/v0.2/devices/'%20OR%201=1/"}) {
        SCOPED_TRACE(path);
        const auto answer = get(path);
        EXPECT_TRUE(answer.starts_with("404 {\"detail\":\"Not found.\"}") ||
                    answer.starts_with("400 {\"detail\":\"The "))
            << answer;
    }
    EXPECT_EQ(get("/%zz"), R"(400 {"detail":"The path has a '%' without two hexadecimal digits after it."})");
    EXPECT_EQ(get("/a%00b"), R"(400 {"detail":"The path has a NUL byte."})");
    EXPECT_EQ(get("/?a=%ff"), R"(400 {"detail":"The query is not UTF-8."})");
}

TEST_F(BadInputTest, JsonThatIsNoneIsRefusedWithItsPlace) {
    for (const std::string body : {"{", "{\"definition\": ", "{'definition': 1}", "nul", "{\"a\":1}x", "\"\\ud800",
                                   "01", "{\"a\":\x01}", "[1,]", "\xef\xbb\xbf{}"}) {
        SCOPED_TRACE(body);
        EXPECT_THAT(post("application/json", body), HasSubstr("400 {\"detail\":\"JSON parse error - line 1, column "));
    }
    EXPECT_THAT(post("application/json", repeated("[", 100'000)),
                HasSubstr("JSON parse error - line 1, column 66: nested deeper than 64 levels"));
    EXPECT_THAT(post("application/json", "[" + repeated("1,", 120'000) + "1]"), HasSubstr("JSON parse error - line 1"));
    EXPECT_EQ(post("application/json", "\xff"), R"(400 {"detail":"JSON parse error - the body is not UTF-8"})");
}

TEST_F(BadInputTest, FieldsOfWrongTypesAreNamed) {
    EXPECT_EQ(post("application/json", R"({"definition": 5})").substr(0, 33), "400 {\"message\":\"Problem with subm");
    EXPECT_EQ(post("application/json", R"({"definition": [1]})"), R"(400 {"definition":["Not a valid string."]})");
    EXPECT_EQ(post("application/json", R"({"definition": {}})"), R"(400 {"definition":["Not a valid string."]})");
    EXPECT_EQ(post("application/json", R"({"definition": null})"),
              R"(400 {"definition":["This field may not be null."]})");
    EXPECT_EQ(post("application/json", "5"),
              R"(400 {"non_field_errors":["Invalid data. Expected a dictionary, but got int."]})");
    EXPECT_EQ(post("application/xml", "<a/>"),
              R"(415 {"detail":"Unsupported media type \"application/xml\" in request."})");
    EXPECT_THAT(post("multipart/form-data; boundary=x", "--x\r\n\r\n"), HasSubstr("400 {\"detail\":\"Multipart form"));
    EXPECT_THAT(post("multipart/form-data; boundary=" + std::string(5000, 'x'), "--x"), HasSubstr("Invalid boundary"));
}

TEST_F(BadInputTest, DefinitionsThatAreNoneAreRefused) {
    const std::string prefix = R"(400 {"message":"Problem with submitted job data: )";
    for (const std::string text : {"a: [", "\t- x", "a: b: c", "{a: b", "- \"", "%YAML 9", "--- a\n--- b", "&a [*a]",
                                   "*x", "!!python/object/apply:os.system [id]", "a: !!binary x=", "\x01", "- - - ["}) {
        SCOPED_TRACE(text);
        EXPECT_TRUE(submit_text(text).starts_with(prefix));
    }
    EXPECT_THAT(submit_text(alias_bomb()), HasSubstr(prefix + "Loading job submission failed: "));
    EXPECT_THAT(submit_text(repeated("[", 20'000)), HasSubstr(prefix + "Loading job submission failed: "));
    EXPECT_THAT(submit_text("a: " + repeated("{a: ", 20'000)), HasSubstr(prefix + "Loading job submission failed: "));
    EXPECT_THAT(submit_text(repeated("- ", 20'000)), HasSubstr(prefix + "Loading job submission failed: "));
    EXPECT_EQ(submit_text(definition("j", "context: {arch: 1.5}\n")),
              prefix + R"(expected int for dictionary value @ data['context']['arch']"})");
    EXPECT_EQ(submit_text(definition(std::string(201, 'j'))),
              prefix + R"(length of value must be at most 200 for dictionary value @ data['job_name']"})");
    auto unknown = definition();
    unknown.replace(unknown.find("qemu"), 4, "toaster");
    EXPECT_EQ(submit_text(unknown), R"(400 {"message":"Devices unavailable: Device type 'toaster' is unavailable."})");
    EXPECT_EQ(jobs(), 0);
}

TEST_F(BadInputTest, AnonymousValidationIsBounded) {
    for (const auto& text : {alias_bomb(), repeated("[", 20'000), repeated("- ", 20'000), std::string{"&a [*a]"}}) {
        config::Map fields;
        fields.set("definition", text);
        const auto body = config::dump_json(config::Value{std::move(fields)});
        for (const std::string path : {"/api/v0.2/jobs/validate/", "/api/v0.2/jobs/validate_testdef/"}) {
            const auto answer = ask(port, request_text("POST", path, "Content-Type: application/json\r\n", body));
            EXPECT_EQ(answer.status, 200);
            EXPECT_THAT(answer.body, HasSubstr(" invalid: "));
            serves_on();
        }
    }
}

TEST_F(BadInputTest, StrangersAreToldWhatIsMissing) {
    token = "Authorization: Token 0123\r\n";
    EXPECT_EQ(submit_text(definition()), R"(403 {"detail":"Invalid token."})");
    token = "";
    EXPECT_EQ(submit_text(definition()), R"(403 {"detail":"Authentication credentials were not provided."})");
    token = "Authorization: \r\n";
    EXPECT_EQ(submit_text(definition()), R"(403 {"detail":"Authentication credentials were not provided."})");
    EXPECT_EQ(jobs(), 0);
}

TEST_F(BadInputTest, AClientThatSubmitsAndHangsUpHasSubmitted) {
    for (std::int64_t count = 1; count <= 5; ++count) {
        HttpClient client{port};
        config::Map fields;
        fields.set("definition", definition());
        client.send(request_text("POST", "/api/v0.2/jobs/", token + "Content-Type: application/json\r\n",
                                 config::dump_json(config::Value{std::move(fields)})));
        client.close();
        while (jobs() < count) std::this_thread::yield();
    }
    serves_on();
    EXPECT_EQ(jobs(), 5);
}

TEST_F(BadInputTest, AClientThatHangsUpInsideItsBodyHasNot) {
    const auto whole =
        request_text("POST", "/api/v0.2/jobs/", token + "Content-Type: application/x-www-form-urlencoded\r\n",
                     "definition=job_name%3A");
    for (std::size_t sent = 1; sent < whole.size(); sent += 13) {
        HttpClient client{port};
        client.send(whole.substr(0, sent));
        client.close();
    }
    serves_on();
    EXPECT_EQ(jobs(), 0);
}

}  // namespace
}  // namespace patchbay
