// SPDX-License-Identifier: Apache-2.0
#pragma once
// A medium behind a switch: who has it, whether it really came and went, and what is written to it. A driver implements
// MediumSwitch; what all of them share is here.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devices/capability/storage.hpp"
#include "drivers/builtin.hpp"
#include "drivers/storage/disk.hpp"

namespace patchbay {

/// The switch of one medium. Every call blocks: on a worker only. Making it touches no hardware.
class MediumSwitch {
public:
    virtual ~MediumSwitch() = default;

    /// How messages name it, behind the label: "USB-SD-Mux with serial_number 00012".
    virtual std::string name() const = 0;
    /// The disk that the host has when the medium is the host's: none, or several when the description is not exact.
    virtual std::vector<UsbDisk> disks() = 0;
    /// Whom it can be given to. Touches no hardware.
    virtual std::vector<Storage::Side> sides() const = 0;
    /// Who has it, as the switch says; nullopt: it cannot be asked. Throws: InfrastructureError.
    virtual std::optional<Storage::Side> side() = 0;
    /// Throws: InfrastructureError; JobError for a side that it has not.
    virtual void give(Storage::Side side) = 0;

    /// Why a disk that is as wanted does not yet show that this side has the medium; empty: it does.
    virtual std::string doubt(Storage::Side) { return {}; }

    /// What is opened to switch it. Throws: InfrastructureError, it is not there or ambiguous.
    virtual std::vector<std::filesystem::path> control_nodes() { return {}; }
};

/// Common options: `max_size`; `timeout`, how long the medium may take to come or go (20s); and, where there is more
/// than one side, `safe_state`: who has it between leases, one of the sides (the default is `board`) or `keep`.
/// Finishes reading the options.
DriverPtr make_switched_storage(std::unique_ptr<MediumSwitch> medium, const DriverRequest& request);

/// "board"
std::string text_of(Storage::Side side);

}  // namespace patchbay
