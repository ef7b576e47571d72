// SPDX-License-Identifier: Apache-2.0
// Sends one request over many keep-alive connections and counts the answers; prints one line of JSON.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bench/load_connection.hpp"

namespace asio = boost::asio;
using namespace patchbay::bench;

namespace {

struct Options {
    unsigned short port = 0;
    unsigned connections = 64;
    double seconds = 3;
    double warmup = 0.5;
    std::string method = "GET";
    std::string path = "/";
    std::vector<std::string> headers;
    std::string body_file;
};

std::string read_file(const std::string& name) {
    std::ifstream file{name, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string request_of(const Options& options) {
    std::string text = options.method + " " + options.path +
                       " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
                       "\r\nConnection: keep-alive\r\n";
    for (const auto& header : options.headers) text += header + "\r\n";
    const auto body = options.body_file.empty() ? std::string{} : read_file(options.body_file);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out;
}

std::uint32_t percentile(const std::vector<std::uint32_t>& sorted, double part) {
    if (sorted.empty()) return 0;
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Sends one HTTP request again and again and counts the answers"};
    app.add_option("--port", options.port)->required();
    app.add_option("--connections", options.connections);
    app.add_option("--seconds", options.seconds);
    app.add_option("--warmup", options.warmup);
    app.add_option("--method", options.method);
    app.add_option("--path", options.path);
    app.add_option("--header", options.headers, "Name: value; may be repeated");
    app.add_option("--body-file", options.body_file);
    CLI11_PARSE(app, argc, argv);

    asio::io_context io{1};
    Tally tally;
    const auto request = request_of(options);
    const asio::ip::tcp::endpoint server{asio::ip::address_v4::loopback(), options.port};
    std::vector<std::unique_ptr<LoadConnection>> connections;
    for (unsigned i = 0; i < options.connections; ++i) {
        connections.push_back(std::make_unique<LoadConnection>(io, server, request, tally));
        connections.back()->start();
    }

    const auto span = [](double seconds) {
        return std::chrono::duration_cast<asio::steady_timer::duration>(std::chrono::duration<double>{seconds});
    };
    std::chrono::steady_clock::time_point begin, end;
    asio::steady_timer timer{io, span(options.warmup)};
    timer.async_wait([&](boost::system::error_code) {
        tally.counting = true;
        begin = std::chrono::steady_clock::now();
        timer.expires_after(span(options.seconds));
        timer.async_wait([&](boost::system::error_code) {
            end = std::chrono::steady_clock::now();
            tally.counting = false;
            tally.stopped = true;
            io.stop();
        });
    });
    io.run();

    const auto took = std::chrono::duration<double>{end - begin}.count();
    std::sort(tally.latencies.begin(), tally.latencies.end());
    std::printf(
        "{\"answers\": %llu, \"failures\": %llu, \"seconds\": %.3f, \"per_second\": %.1f, \"bytes\": %llu, "
        "\"median_us\": %u, \"p99_us\": %u, \"first_failure\": \"%s\"}\n",
        static_cast<unsigned long long>(tally.answers), static_cast<unsigned long long>(tally.failures), took,
        static_cast<double>(tally.answers) / took, static_cast<unsigned long long>(tally.bytes),
        percentile(tally.latencies, 0.5), percentile(tally.latencies, 0.99), escaped(tally.first_failure).c_str());
    return tally.answers > 0 && tally.failures == 0 ? 0 : 1;
}
