// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace patchbay {

/// What a device can do: the root of the small interfaces that jobs use and drivers implement.
/// Each one has a `static constexpr std::string_view kind`, the word used in device files and messages.
class Capability {
public:
    virtual ~Capability() = default;
};

}  // namespace patchbay
