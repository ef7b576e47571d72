// SPDX-License-Identifier: Apache-2.0
#pragma once
// An HTTP server of the test's own process that says, byte for byte, what the test tells it. One thread for each
// connection; every answer ends its connection.

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::testing {

struct SeenRequest {
    std::string method;
    std::string path;
    std::map<std::string, std::string> headers;  ///< names in lower case
};

/// The whole answer, from "HTTP/1.1" on; "" closes the connection without a word. Called on the connection's thread.
using Answer = std::function<std::string(const SeenRequest&)>;

class HttpServer {
public:
    HttpServer();
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
    int port() const { return port_; }
    void on(const std::string& path, Answer answer);
    /// 200 with the body, its length and further header lines; HEAD gets the head only, a known ETag a 304.
    void file(const std::string& path, const std::string& body, const std::string& headers = "");

    std::vector<SeenRequest> seen() const;
    /// "GET /kernel", in the order of their coming.
    std::vector<std::string> lines() const;

private:
    void accept_all();
    void serve(int connection);

    int listener_ = -1;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::map<std::string, Answer> answers_;
    std::vector<SeenRequest> seen_;
    std::vector<std::thread> connections_;
    std::thread accepter_;
};

/// "HTTP/1.1 200 OK" with Content-Length and the body.
std::string reply(int status, const std::string& body = "", const std::string& headers = "");

}  // namespace patchbay::testing
