// SPDX-License-Identifier: Apache-2.0
// A worker that was given no token asks the server for one, as lava-worker does (lava_dispatcher/worker.py).
#include <spdlog/spdlog.h>

#include "core/whole_file.hpp"
#include "core/worker.hpp"
#include "daemon/attach/attachment.hpp"
#include "daemon/lab/settings.hpp"

namespace patchbay {
namespace {

/// Nobody else may read it, not even before it is there.
void keep_token(const std::filesystem::path& file, const std::string& token) {
    std::error_code error;
    std::filesystem::create_directories(file.parent_path(), error);
    std::filesystem::permissions(file.parent_path(), std::filesystem::perms::owner_all, error);
    if (error)
        throw InfrastructureError{"folder " + file.parent_path().string() + ": " + error.message() +
                                  "; check the space and the rights of the state directory"};
    const auto fresh = file.string() + ".new";
    write_whole_file(fresh, token + "\n");
    std::filesystem::permissions(fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    std::filesystem::rename(fresh, file);
}

}  // namespace

/// Throws: InfrastructureError, the server gives none; ConfigurationError, the file holds none.
Task<std::string> Attachment::worker_token() {
    const auto file = token_file_of(settings_, lab_.settings.state_dir);
    if (!settings_.token_file.empty() || std::filesystem::exists(file)) co_return read_worker_token(file);
    auto ask = [client = client_, version = version_] { return client.enrol(version); };
    const auto reply = co_await on_worker(pool_, std::move(ask));
    if (reply.status == 0) throw InfrastructureError{settings_.server + ": " + reply.problem};
    if (reply.status / 100 != 2) {
        const auto error = read_error(reply.body);
        throw InfrastructureError{settings_.server + " gives worker " + settings_.worker + " no token (" +
                                  std::to_string(reply.status) + (error.empty() ? "" : ": " + error) +
                                  "); let its owner add the worker, and name the file of its token as token_file"};
    }
    const auto token = read_registration(reply.body);
    keep_token(file, token);
    spdlog::info("registered at a server attachment={} server={} worker={} token_file={}", settings_.name,
                 settings_.server, settings_.worker, file.string());
    co_return token;
}

}  // namespace patchbay
