// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/task.hpp"
#include "devices/capability/capability.hpp"

namespace patchbay {

/// The byte stream of a board. One reader and one writer at a time.
class Console : public Capability {
public:
    static constexpr std::string_view kind = "console";

    /// Makes the stream usable; opening an open console is harmless. A virtual machine's console opens with its boot.
    /// Throws: InfrastructureError naming the port or the command.
    virtual Task<> open() = 0;

    /// The next bytes, at least one; an empty string is the end of the stream.
    /// Cancellation: safe, no byte is lost.
    /// Throws:       ConnectionClosedError naming the adapter or the server that was lost and did not come back.
    virtual Task<std::string> read_some() = 0;

    /// Done when: all bytes were taken by the other side (or the line's buffer).
    /// Throws:    ConnectionClosedError when the stream has ended.
    virtual Task<> write(std::string bytes) = 0;

    /// Gives the stream back; what was not read is dropped.
    virtual Task<> close() = 0;

    /// How a log names it: the connect command, or "qemu".
    virtual std::string description() const = 0;
};

}  // namespace patchbay
