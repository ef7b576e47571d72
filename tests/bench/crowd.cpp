// SPDX-License-Identifier: Apache-2.0
// A crowd of clients of one server: idle ones, each with one answered request behind it, then followers of one job's
// log. Prints "idle" when all of the former are there and waits for a line of input that names the job; then
// "following", and waits for another, from which on it measures how old each line is when it comes. Ends with the
// streams: one line of JSON.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <cstdio>
#include <istream>
#include <ranges>
#include <span>

#include "tests/bench/crowd.hpp"

namespace asio = boost::asio;
using namespace patchbay::bench;

namespace {

struct Options {
    unsigned short port = 0;
    unsigned idle = 0, followers = 0;
    std::string path = "/api/v0.2/system/version/";  // what idle clients asked for
    std::string token;
};

std::string get(const std::string& path, const char* connection, const Options& options) {
    std::string text = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: " + connection + "\r\n";
    if (!options.token.empty()) text += "Authorization: Token " + options.token + "\r\n";
    return text + "\r\n";
}

/// 127.0.0.2 and so on, so many clients each.
asio::ip::address_v4 address_of(std::size_t client) {
    constexpr std::size_t clients_of_one = 200;
    return asio::ip::address_v4{static_cast<asio::ip::address_v4::uint_type>(0x7f000002 + client / clients_of_one)};
}

class Crowd {
public:
    explicit Crowd(const Options& options)
        : options_{options}, server_{asio::ip::address_v4::loopback(), options.port}, input_{io_, ::dup(0)} {}

    int run() {
        add(options_.idle, get(options_.path, "keep-alive", options_), {});
        if (!until_all_answered()) return 1;
        const auto job = say("idle");
        lines_.reserve(options_.followers);
        for (unsigned i = 0; i < options_.followers; ++i) lines_.emplace_back(ages_, counting_);
        add(options_.followers, get("/api/v0.2/jobs/" + job + "/events/", "close", options_),
            [this](std::size_t number) {
                return [this, number](std::string_view data) { lines_[number].take(data); };
            });
        if (!until_all_answered()) return 1;
        say("following");
        counting_ = true;
        const auto followers = std::span{clients_}.subspan(options_.idle);
        while (std::ranges::any_of(followers, [](const auto& client) { return client->is_open(); })) io_.run_one();
        return report();
    }

private:
    using MakeOnData = std::function<Client::OnData(std::size_t)>;

    void add(unsigned count, const std::string& request, const MakeOnData& make) {
        for (unsigned i = 0; i < count; ++i) {
            auto on_data = make ? make(i) : Client::OnData{};
            auto& client = clients_.emplace_back(std::make_unique<Client>(io_, request));
            client->start(address_of(clients_.size()), server_,
                          [this, on_data, first = true](std::string_view data) mutable {
                              if (std::exchange(first, false)) ++answered_;
                              if (on_data) on_data(data);
                          });
        }
    }

    bool until_all_answered() {
        while (answered_ < clients_.size()) {
            io_.run_one();
            for (const auto& client : clients_) {
                if (client->failure().empty()) continue;
                std::fprintf(stderr, "crowd: %s\n", client->failure().c_str());
                return false;
            }
        }
        return true;
    }

    /// Returns the answer; the clients go on meanwhile.
    std::string say(const char* word) {
        std::printf("%s\n", word);
        std::fflush(stdout);
        bool told = false;
        asio::async_read_until(input_, typed_, '\n', [&](boost::system::error_code, std::size_t) { told = true; });
        while (!told) io_.run_one();
        std::string answer;
        std::istream stream{&typed_};
        std::getline(stream, answer);
        return answer;
    }

    int report() {
        const auto idle = std::span{clients_}.first(options_.idle);
        const auto open = std::ranges::count_if(idle, [](const auto& client) { return client->is_open(); });
        std::uint64_t least = lines_.empty() ? 0 : UINT64_MAX;
        for (const auto& lines : lines_) least = std::min(least, lines.lines());
        std::ranges::sort(ages_);
        const auto part = [this](double p) {
            return ages_.empty() ? 0 : ages_[static_cast<std::size_t>(p * static_cast<double>(ages_.size() - 1))];
        };
        std::printf("{\"idle\": %lld, \"lines\": %llu, \"measured\": %zu, \"p50_us\": %lld, \"p99_us\": %lld}\n",
                    static_cast<long long>(open), static_cast<unsigned long long>(least), ages_.size(),
                    static_cast<long long>(part(0.5)), static_cast<long long>(part(0.99)));
        return 0;
    }

    const Options& options_;
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};  ///< run_one() waits
    asio::ip::tcp::endpoint server_;
    asio::posix::stream_descriptor input_;
    asio::streambuf typed_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::vector<FollowedLines> lines_;
    std::vector<std::int64_t> ages_;
    std::size_t answered_ = 0;
    bool counting_ = false;
};

}  // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app{"Idle clients of a server, and followers of a job's log"};
    app.add_option("--port", options.port)->required();
    app.add_option("--idle", options.idle);
    app.add_option("--followers", options.followers);
    app.add_option("--path", options.path, "what the idle clients have asked for");
    app.add_option("--token", options.token);
    CLI11_PARSE(app, argc, argv);
    try {
        return Crowd{options}.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "crowd: %s\n", error.what());
        return 1;
    }
}
