// SPDX-License-Identifier: Apache-2.0
// The image that is to be written to a medium of the board: pieces of it, each a request.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "core/errors.hpp"
#include "core/process/file_descriptor.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/leases/lease.hpp"
#include "daemon/api/respond.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/store/leases.hpp"
#include "daemon/store/store.hpp"
#include "daemon/supervise/supervisor.hpp"

namespace patchbay {
namespace {

/// At most so much stays free, of small disks a twentieth: the store and the logs of all jobs are there, too.
constexpr std::uintmax_t most_reserve = 256 * 1024 * 1024;

[[noreturn]] void fail(const std::filesystem::path& path) {
    throw InfrastructureError{"cannot write " + path.string() + ": " + std::strerror(errno)};
}

void check_space(const std::filesystem::path& folder, std::uintmax_t size) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (error || space.available >= size + std::min(most_reserve, space.capacity / 20)) return;
    throw api_error(507, "detail",
                    "The disk of this lab's daemon has no room for the image (" +
                        std::to_string(space.available / (1024 * 1024)) +
                        " MiB are left, some stay free); tell who runs it.");
}

/// What is there from `offset` on is replaced. Throws: InfrastructureError; ApiError, there is no such place or no
/// room.
void write_at(const std::filesystem::path& path, std::int64_t offset, std::string_view bytes) {
    const FileDescriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) fail(path);
    const auto size = ::lseek(file.get(), 0, SEEK_END);
    if (size < 0) fail(path);
    if (offset > size)
        throw field_error("offset", "only " + std::to_string(size) + " bytes are in front of it; send those first");
    check_space(path.parent_path(), bytes.size());
    if (::ftruncate(file.get(), offset) != 0) fail(path);
    for (std::size_t written = 0; written < bytes.size();) {
        const auto sent = ::pwrite(file.get(), bytes.data() + written, bytes.size() - written,
                                   offset + static_cast<std::int64_t>(written));
        if (sent <= 0) fail(path);
        written += static_cast<std::size_t>(sent);
    }
}

std::int64_t read_offset(const Call& call) {
    const auto* text = call.request.query_value("offset");
    const auto offset = text ? whole_number(*text) : std::int64_t{0};
    if (!offset || *offset < 0) throw field_error("offset", "is 0 or more");
    const auto limit = call.lab.settings.unpack_limit;
    const auto size = static_cast<std::int64_t>(call.request.body.size());
    if (size > limit || *offset > limit - size)
        throw field_error("offset", "the image is larger than this lab allows ('unpack_limit')");
    return *offset;
}

}  // namespace

/// From `offset` on, in the one image of the lease.
Task<Response> lease_upload(Call& call) {
    const auto lease = find_own_lease(call);
    const auto* name = call.request.query_value("name");
    if (name && *name != image_name) throw field_error("name", "is 'image', of which a lease has one");
    const auto offset = read_offset(call);
    const auto link = find_link(call.lab, lease.job);
    if (call.lab.supervisor.commands().under_way(lease.job.id, "write"))
        throw api_error(409, "detail", "An image is being written; send the next when that is done.");
    link->used();
    // On the threads of long reads: submissions and the files of other leases do not wait behind a slow disk.
    auto write = [job = lease.job.id, offset, bytes = std::move(call.request.body)](Database& db) {
        const auto row = Leases{db}.open_lease_of(job);
        if (!row) throw api_error(409, "detail", "The lease is over.");
        write_at(std::filesystem::path{row->folder} / "tmp" / image_name, offset, bytes);
    };
    co_await call.lab.store.read_on_worker(std::move(write));
    co_return message_answer("Stored.");
}

}  // namespace patchbay
