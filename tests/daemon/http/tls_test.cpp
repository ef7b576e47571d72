// SPDX-License-Identifier: Apache-2.0
// HTTPS against clients that greet badly or not at all; tests/daemon/program/tls_test.py has those that do it well.
#include "core/errors.hpp"
#include "tests/daemon/http/server_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

namespace patchbay {
namespace {

struct CertificateFolder {
    testing::TemporaryFolder folder;
    CertificateFiles files{folder / "lab.pem", folder / "lab.key"};

    void tool(const std::string& line) const {
        const auto whole = "cd '" + folder.path.string() + "' && exec > tool.log 2>&1 && " + line;
        if (::system(whole.c_str()) != 0) throw std::runtime_error{line};
    }
    void make(const std::string& name = "localhost") const {
        tool(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout lab.key -out lab.pem -days 2 "
            "-subj /CN=" +
            name);
    }
};

class CertificateTest : public ::testing::Test, protected CertificateFolder {
protected:
    std::string refusal() {
        try {
            Certificate{files};
        } catch (const ConfigurationError& error) {
            return error.what();
        }
        return "";
    }
    void expect_refusal(const std::string& begin, const std::string& end) {
        const auto text = refusal();
        EXPECT_TRUE(text.starts_with(begin)) << text;
        EXPECT_TRUE(text.ends_with(end)) << text;
    }
};

TEST_F(CertificateTest, IsReadAndSaysHowLongItHolds) {
    make();
    const Certificate certificate{files};
    EXPECT_TRUE(certificate.context());
    EXPECT_TRUE(certificate.expires().ends_with(" GMT")) << certificate.expires();
}

TEST_F(CertificateTest, WhatCannotBeUsedIsNamed) {
    const auto pem = files.chain.string(), key = files.key.string();
    expect_refusal("tls certificate " + pem + ": cannot be read: No such file", "directory");
    make();
    const std::string no_key = "; it must be the certificate's private key in PEM, without a passphrase";
    tool("openssl pkey -aes128 -passout pass:x -in lab.key -out other && mv other lab.key");
    expect_refusal("tls key " + key + ": ", no_key);
    tool("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out lab.key");
    expect_refusal("tls key " + key + ": key values mismatch", no_key);
    tool("echo text > lab.key");
    expect_refusal("tls key " + key + ": ", no_key);
    tool("echo text > lab.pem");
    expect_refusal("tls certificate " + pem + ": ", "; it must be a certificate in PEM, then those that sign it");
    tool(": > lab.pem");
    EXPECT_EQ(refusal(), "tls certificate " + pem + ": is empty");
}

TEST_F(CertificateTest, ABrokenNewOneLeavesTheOldOne) {
    make();
    Certificate certificate{files};
    const auto old = certificate.context();
    EXPECT_FALSE(certificate.changed());
    tool("echo text > lab.pem");
    EXPECT_TRUE(certificate.changed());
    EXPECT_THROW(certificate.reload(), ConfigurationError);
    EXPECT_EQ(certificate.context(), old);
    EXPECT_FALSE(certificate.changed()) << "it is complained about once";
    make("again");
    EXPECT_TRUE(certificate.changed());
    certificate.reload();
    EXPECT_NE(certificate.context(), old);
}

class TlsLimitsTest : public HttpServerTest, protected CertificateFolder {
    HttpLimits limits() override {
        HttpLimits small;
        small.handshake_time = 200ms;
        return small;
    }

protected:
    std::unique_ptr<Certificate> certificate;
    std::uint16_t tls_port = 0;

    void SetUp() override {
        HttpServerTest::SetUp();
        make();
        certificate = std::make_unique<Certificate>(files);
        on_io([this] { tls_port = server().listen("127.0.0.1", 0, certificate.get()); });
    }
};

TEST_F(TlsLimitsTest, AClientThatDoesNotGreetIsCutOff) {
    HttpClient silent{tls_port};
    EXPECT_TRUE(silent.at_end());
    HttpClient slow{tls_port};
    slow.send("\x16\x03\x01");  // the beginning of a greeting
    EXPECT_TRUE(slow.at_end());
}

TEST_F(TlsLimitsTest, WhatIsNoTlsIsHungUpOn) {
    const auto answer = ask(tls_port, request_text("GET", "/a"));
    EXPECT_EQ(answer.status, 0);
    EXPECT_EQ(ask(port(), request_text("GET", "/a")).status, 200);
}

TEST_F(TlsLimitsTest, ACrowdThatGreetsKeepsNobodyWaitingWhoIsServed) {
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 200; ++i) crowd.push_back(std::make_unique<HttpClient>(tls_port));
    HttpClient served{port()};
    served.send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(served.read().status, 200);
    for (auto& one : crowd) EXPECT_TRUE(one->at_end());
    wait_for([&] {
        std::size_t left = 0;
        on_io([&] { left = server().connections(); });
        return left == 1;
    });
}

class TlsStopTest : public TlsLimitsTest {
    HttpLimits limits() override { return {}; }
};

TEST_F(TlsStopTest, StoppingDoesNotWaitForAGreeting) {
    HttpClient silent{tls_port};
    wait_for([&] {
        std::size_t count = 0;
        on_io([&] { count = server().connections(); });
        return count == 1;
    });
    const auto start = std::chrono::steady_clock::now();
    stop_server().get();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
    EXPECT_TRUE(silent.at_end());
}

}  // namespace
}  // namespace patchbay
