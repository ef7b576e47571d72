// SPDX-License-Identifier: Apache-2.0
#pragma once
// A small real HTTP server on loopback: one connection at a time, closed after each answer. What it answers is the
// test's; that includes closing in the middle of a word.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace patchbay::cli {

struct LabRequest {
    std::string method;
    std::string path;                            ///< without the query
    std::string query;                           ///< without '?'
    std::map<std::string, std::string> headers;  ///< names in lower case
    std::string body;

    /// A parameter of the query, "" when absent.
    std::string parameter(const std::string& name) const;
};

/// The open connection; the answer is what is written to it.
class LabConnection {
public:
    explicit LabConnection(int fd) : fd_{fd} {}
    void send(std::string_view bytes);
    /// A whole answer with Content-Length.
    void answer(int status, std::string_view body);
    /// The head of an event stream; what follows ends with the connection.
    void start_events();
    /// Holds the connection until the client closes it.
    void wait_for_close();
    void event(std::string_view name, std::string_view id, std::string_view data);

private:
    int fd_;
};

class LabServer {
public:
    using Handler = std::function<void(const LabRequest&, LabConnection&)>;

    explicit LabServer(Handler handler);
    ~LabServer();
    LabServer(const LabServer&) = delete;
    LabServer& operator=(const LabServer&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// Every request so far.
    std::vector<LabRequest> requests() const;

    /// Closes the listening socket, and opens it again on the same port: a restart of the daemon.
    void stop();
    void start();

private:
    void serve();

    Handler handler_;
    int listener_ = -1;
    int port_ = 0;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::vector<LabRequest> requests_;
};

/// A free port nobody listens at.
std::string unreachable_url();

}  // namespace patchbay::cli
