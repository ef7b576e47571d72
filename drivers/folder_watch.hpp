// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <filesystem>

#include "core/task.hpp"

namespace patchbay {

/// Tells that something came into one of some folders, such as /dev, or changed its owner or mode there: udev gives a
/// new device to its group a moment after the kernel made it.
class FolderWatch {
public:
    /// Throws: InfrastructureError, the kernel gives no more watches (fs.inotify.max_user_instances).
    explicit FolderWatch(asio::any_io_executor executor);

    /// Adding a folder again is harmless; one that there is not (yet) is ignored.
    void add(const std::filesystem::path& folder);

    /// Done when: something has changed since the last call. So: add(), look, and await only when it was not there.
    Task<> changed();

private:
    asio::posix::stream_descriptor events_;
};

}  // namespace patchbay
