// SPDX-License-Identifier: Apache-2.0
#pragma once
// The runner's end of the control socket (docs/lease-folder.md): takes a cancellation and answers, tells how far the
// journal is, and what a person's session has to say.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "core/task_group.hpp"

namespace patchbay {

class ControlSocket {
public:
    /// Listens at `path`; a stale file there is replaced. `cancel` is called with the reason, `other` with every other
    /// line that is JSON. Throws: InfrastructureError.
    ControlSocket(asio::any_io_executor executor, const std::filesystem::path& path,
                  std::function<void(std::string reason)> cancel,
                  std::function<void(std::string_view line)> other = {});
    ~ControlSocket();

    /// Asked for lines, each with its end, whenever the daemon can take some; empty: there are none. May be empty.
    std::function<std::string()> lines;
    /// Called when a daemon has connected; it knows nothing of what was said before. May be empty.
    std::function<void()> connected;

    /// The journal now has so many bytes. Sent to whoever listens, at most once in 10 ms.
    void more(std::int64_t bytes);
    /// There are lines.
    void more_lines();
    /// Sends what is pending, and ends. The socket's file is gone afterwards.
    Task<> stop();

private:
    struct State;
    static Task<> accept(std::shared_ptr<State> state, ControlSocket& self);
    static Task<> read(std::shared_ptr<State> state);
    static Task<> announce(std::shared_ptr<State> state, ControlSocket& self);
    std::string take_lines() const;

    std::shared_ptr<State> state_;
    TaskGroup group_;
};

}  // namespace patchbay
