// SPDX-License-Identifier: Apache-2.0
#include "drivers/folder_watch.hpp"

#include <sys/inotify.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "core/errors.hpp"

namespace patchbay {

FolderWatch::FolderWatch(asio::any_io_executor executor) : events_{executor} {
    const int events = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (events < 0)
        throw InfrastructureError{std::string{"cannot watch for devices: "} + std::strerror(errno) +
                                  "; raise fs.inotify.max_user_instances"};
    events_.assign(events);
}

void FolderWatch::add(const std::filesystem::path& folder) {
    ::inotify_add_watch(events_.native_handle(), folder.c_str(), IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR);
}

Task<> FolderWatch::changed() {
    // What the events say is not looked at: what is there now is what counts.
    std::array<char, 4096> events;
    co_await events_.async_read_some(asio::buffer(events), asio::use_awaitable);
}

}  // namespace patchbay
