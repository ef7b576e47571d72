// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "core/task.hpp"
#include "devices/capability/capability.hpp"
#include "devices/capability/power.hpp"

namespace patchbay {

/// A medium that either this host or the board sees: an SD card behind a multiplexer, a USB disk.
class Storage : public Capability {
public:
    static constexpr std::string_view kind = "storage";

    enum class Side { host, board, nobody };

    /// Gives the medium to one side. Done when: that side can see it; on the host its block device is there.
    /// Between leases the board has it.
    /// Throws: InfrastructureError naming the multiplexer: gone, refused, or the medium did not appear; the host has it
    ///         mounted or uses it in another way, and it would go to another side.
    virtual Task<Switched> connect(Side side) = 0;
    /// False: it stays with the host, for whoever carries it.
    virtual bool can_leave_host() const = 0;

    /// Progress of write_image(): bytes on the medium, and all bytes.
    using OnProgress = std::function<void(std::int64_t done, std::int64_t of)>;

    /// Writes the file from the medium's first byte on, flushed and read back for comparison. The medium must be on the
    /// host's side.
    /// Throws: InfrastructureError (no medium, more than one that fits its description, mounted, too small, I/O error,
    ///         reads back otherwise). Nothing but the described medium is ever opened for writing.
    /// Cancellation: between two blocks; the medium then holds a part.
    virtual Task<> write_image(std::filesystem::path image, OnProgress progress) = 0;
};

}  // namespace patchbay
