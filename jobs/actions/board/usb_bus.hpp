// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace patchbay {

class Container;
struct JobContext;

/// The container sees every USB device of this host, also those that are plugged in later: a board that comes back
/// under another number, and the boards of others. Only for labs that trust the job.
void give_usb_bus(const JobContext& job, Container& container);

}  // namespace patchbay
