// SPDX-License-Identifier: Apache-2.0
// Python's own web server with real files: nobody of this project wrote the other side. Over TLS, too.
#include <boost/asio/io_context.hpp>

#include "core/process/process.hpp"
#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::HasSubstr;

constexpr auto server_script = R"(
import http.server, ssl, sys
class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *text): pass
    def send_head(self):
        open('asked', 'a').write(self.command + ' ' + self.path + '\n')
        return super().send_head()
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Quiet)
if sys.argv[1:]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
)";

struct WebServer : DownloadTest {
    std::optional<Process> python;
    std::string base;

    void serve(const std::string& scheme, std::vector<std::string> certificate = {}) {
        write("server.py", server_script);
        std::filesystem::create_directory(root / "www");
        Command command;
        command.argv = {"python3", (root / "server.py").string()};
        command.argv.insert(command.argv.end(), certificate.begin(), certificate.end());
        command.folder = (root / "www").string();
        command.die_with_parent = DieWithParent::yes;
        python.emplace(io.get_executor(), command);
        std::string port;
        while (port.find('\n') == std::string::npos) {
            const auto bytes = run(io, python->read_some());
            if (bytes.empty()) throw std::runtime_error{"the web server ended: " + port};
            port += bytes;
        }
        base = scheme + "://localhost:" + port.substr(0, port.find('\n'));
    }
    void TearDown() override {
        if (python) run(io, python->stop(std::chrono::seconds{2}));
        ::unsetenv("SSL_CERT_FILE");
    }
    std::string asked() const { return read("www/asked"); }
};

TEST_F(WebServer, GivesEveryKindOfFile) {
    serve("http");
    tool(
        "cd www && head -c 3000000 /dev/urandom > disk.img && gzip -k disk.img && xz -0k disk.img && bzip2 -1k "
        "disk.img && "
        "zstd -q disk.img && mkdir tree && echo a > tree/a && tar -cJf tree.tar.xz tree && sha256sum disk.img.xz > "
        "sums");
    const auto plain = read("www/disk.img");
    for (const auto& [name, compression] : {std::pair{"disk.img", ""},
                                            {"disk.img.gz", "gz"},
                                            {"disk.img.xz", "xz"},
                                            {"disk.img.bz2", "bz2"},
                                            {"disk.img.zst", "zstd"}}) {
        DownloadRequest request{"rootfs", base + "/" + name};
        request.compression = compression;
        if (std::string_view{compression} == "xz") request.expected.sha256 = read("www/sums").substr(0, 64);
        EXPECT_EQ(ask(request), std::nullopt);
        EXPECT_EQ(fetch(request).path, root / "job/rootfs/disk.img");
        EXPECT_TRUE(read("job/rootfs/disk.img") == plain) << name;
    }
    DownloadRequest tree{"modules", base + "/tree.tar.xz"};
    tree.compression = "xz";
    tree.archive = "tar";
    fetch(tree);
    EXPECT_EQ(read("job/modules/modules/tree/a"), "a\n");
}

TEST_F(WebServer, ConfirmsWhatTheCacheHas) {
    serve("http");
    tool("cd www && echo kernel > Image && touch -d '2020-01-01' Image");
    EXPECT_FALSE(fetch({"kernel", base + "/Image"}).cached);
    EXPECT_TRUE(fetch({"kernel", base + "/Image"}).cached);
    tool("cd www && echo KERNEL > Image");
    EXPECT_FALSE(fetch({"kernel", base + "/Image"}).cached);
    EXPECT_EQ(read("job/kernel/Image"), "KERNEL\n");
}

TEST_F(WebServer, RedirectsAFolderAndMissesAFile) {
    serve("http");
    EXPECT_EQ(ask({"kernel", base + "/none"}), "Resource unavailable at '" + base + "/none' (404)");
    EXPECT_EQ(asked(), "HEAD /none\nGET /none\n");
    EXPECT_EQ(failure<InfrastructureError>({"kernel", base + "/none"}),
              "Unable to download '" + base + "/none': status 404");
}

TEST_F(WebServer, IsTrustedOverTlsWhenItsAuthorityIsKnown) {
    tool(
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost");
    serve("https", {(root / "cert.pem").string(), (root / "key.pem").string()});
    tool("cd www && echo kernel > Image");
    EXPECT_THAT(ask({"kernel", base + "/Image"}).value_or(""), HasSubstr("certificate"));
    EXPECT_THAT(failure<InfrastructureError>({"kernel", base + "/Image"}), HasSubstr("certificate"));
    ::setenv("SSL_CERT_FILE", (root / "cert.pem").c_str(), 1);
    fetch({"kernel", base + "/Image"});
    EXPECT_EQ(read("job/kernel/Image"), "kernel\n");
}

}  // namespace
}  // namespace patchbay::testing
