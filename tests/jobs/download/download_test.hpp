// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder for the job, one for the cache, a worker, and what the download says.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <boost/asio/thread_pool.hpp>
#include <fstream>
#include <sstream>

#include "core/errors.hpp"
#include "jobs/download/download.hpp"
#include "tests/jobs/download/http_server.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {

class DownloadTest : public ::testing::Test {
protected:
    DownloadTest() {
        std::string name = ::testing::TempDir() + "downloadXXXXXX";
        if (!::mkdtemp(name.data())) throw std::runtime_error{"no temporary folder"};
        root = std::filesystem::canonical(name);
        cache.emplace(root / "cache", std::uint64_t{1} << 30);
        ::setenv("no_proxy", "127.0.0.1,localhost", 1);  // whoever runs the tests may have a proxy
    }
    ~DownloadTest() override {
        workers.join();
        std::filesystem::remove_all(root);
    }

    DownloadContext context() {
        DownloadContext context{*cache, workers, root / "job"};
        context.allowed_file_paths = {root / "allowed"};
        context.addresses = addresses;
        context.downloads_directory = root / "downloads";
        context.retry = {3, std::chrono::milliseconds{1}};
        context.probe_retry = {3, std::chrono::milliseconds{1}};
        context.limits = limits;
        context.log = [this](LogLevel level, const std::string& text) {
            log.emplace_back(level, text);
            if (on_log) on_log(text);
        };
        return context;
    }
    DownloadResult fetch(DownloadRequest request) {
        return run(io, download(std::move(request), context(), Deadline::in(1min)));
    }
    std::optional<std::string> ask(DownloadRequest request) {
        return run(io, probe(std::move(request), context(), Deadline::in(1min)));
    }
    /// The text of the error that it must end with.
    template <class E>
    std::string failure(DownloadRequest request) {
        try {
            fetch(std::move(request));
        } catch (const E& error) {
            EXPECT_STREQ(typeid(error).name(), typeid(E).name()) << error.what();
            return error.what();
        } catch (const std::exception& error) {
            ADD_FAILURE() << "another error: " << error.what();
            return {};
        }
        ADD_FAILURE() << "no error";
        return {};
    }

    void write(const std::filesystem::path& path, std::string_view text) const {
        std::filesystem::create_directories((root / path).parent_path());
        std::ofstream{root / path, std::ios::binary} << text;
    }
    std::string read(const std::filesystem::path& path) const {
        std::ifstream file{root / path, std::ios::binary};
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }
    /// Runs a shell line in the folder; a failure of it is one of the test's machine.
    void tool(const std::string& line) const {
        const auto whole = "cd '" + root.string() + "' && exec > tool.log 2>&1 && " + line;
        if (::system(whole.c_str()) != 0) throw std::runtime_error{line + ": " + read("tool.log")};
    }
    /// What the download left in the cache's folder of unfinished files.
    std::size_t unfinished() const {
        const std::filesystem::directory_iterator files{root / "cache/tmp"};
        return static_cast<std::size_t>(std::distance(begin(files), end(files)));
    }
    std::vector<std::string> lines(LogLevel level) const {
        std::vector<std::string> texts;
        for (const auto& [at, text] : log) {
            if (at == level) texts.push_back(text);
        }
        return texts;
    }

    std::filesystem::path root;
    asio::io_context io;
    asio::thread_pool workers{4};
    std::optional<ArtifactCache> cache;
    UnpackLimits limits;
    AddressPolicy addresses{{"loopback"}};  // where the servers of these tests are
    HttpServer server;
    std::vector<std::pair<LogLevel, std::string>> log;
    std::function<void(const std::string&)> on_log;
};

}  // namespace patchbay::testing
