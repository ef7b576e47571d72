// SPDX-License-Identifier: Apache-2.0
// patchbay-tftpd: sends the files below one folder to boot loaders.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

#include "core/errors.hpp"
#include "core/log_lines.hpp"
#include "core/process/service_manager.hpp"
#include "tftp/served_file.hpp"
#include "tftp/server.hpp"

namespace patchbay {
namespace {

struct Options {
    std::string root;
    std::vector<std::string> listen;
    tftp::Limits limits;
};

void listen_on(tftp::Server& server, tftp::RequestSocket socket) {
    const auto address = socket.address();
    spdlog::info("listening address={} port={}", address.address().to_string(), address.port());
    server.listen(std::move(socket));
}

void listen_as_told(tftp::Server& server, const asio::any_io_executor& executor, const Options& options) {
    auto passed = passed_sockets();
    if (!passed.empty() && !options.listen.empty())
        throw ConfigurationError{
            "--listen: systemd has opened the sockets already; leave it out, or change the .socket unit"};
    for (auto& socket : passed) listen_on(server, {executor, std::move(socket)});
    for (const auto& address : options.listen) listen_on(server, {executor, parse_listen(address)});
    if (!passed.empty() || !options.listen.empty()) return;
    listen_on(server, {executor, ListenAddress{"0.0.0.0", 69}});
    try {
        listen_on(server, {executor, ListenAddress{"::", 69}});
    } catch (const InfrastructureError& error) {
        spdlog::warn("not on IPv6 reason=\"{}\"", error.what());
    }
}

Task<> serve(const Options& options) {
    const auto executor = co_await asio::this_coro::executor;
    tftp::Server server{executor, tftp::open_root(options.root), options.limits};
    asio::signal_set signals{executor, SIGTERM, SIGINT};
    listen_as_told(server, executor, options);
    spdlog::info("serving root={}", options.root);
    notify_manager("READY=1");
    const int number = co_await signals.async_wait(asio::use_awaitable);
    spdlog::info("stopping signal={} transfers={}", number, server.transfers());
    notify_manager("STOPPING=1");
    co_await server.stop();
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app{"patchbay-tftpd: sends the files below one folder to boot loaders (TFTP, read-only)"};
    app.set_version_flag("--version", "patchbay-tftpd " PATCHBAY_VERSION);
    app.add_option("--root", options.root, "the folder that clients fetch from")->required();
    app.add_option("--listen", options.listen,
                   "ADDRESS:PORT, also several times; default: port 69 of all addresses, or what systemd has opened");
    app.add_option("--max-transfers", options.limits.transfers, "how many at once; default: 256")
        ->check(CLI::Range(1, 10000));
    app.add_option("--max-transfers-per-client", options.limits.transfers_per_client,
                   "how many at once for one address; default: 64")
        ->check(CLI::Range(1, 10000));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    asio::io_context io{1};
    std::exception_ptr failure;
    asio::co_spawn(io, serve(options), [&failure](std::exception_ptr error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return 0;
}

}  // namespace
}  // namespace patchbay

int main(int argc, char** argv) {
    patchbay::fill_standard_streams();
    spdlog::set_default_logger(spdlog::stderr_logger_mt("tftpd"));
    spdlog::set_formatter(patchbay::log_line_formatter());
    try {
        return patchbay::run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "patchbay-tftpd: %s\n", patchbay::describe(error).c_str());
        return 1;
    }
}
