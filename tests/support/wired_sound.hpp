// SPDX-License-Identifier: Apache-2.0
#pragma once
// A host whose ALSA has two PCMs, `out` and `in`, wired to each other by tests/support/alsa_wire.cpp.

#include <stdlib.h>

#include <fstream>
#include <string>

#include "tests/support/temporary_folder.hpp"

namespace patchbay::testing {

/// For one at a time: alsa-lib reads its configuration from the environment.
class WiredSound {
public:
    /// `impairments`: "gain 0.5 delay 480", as alsa_wire.cpp lists them.
    explicit WiredSound(const std::string& impairments = "") {
        const auto file = folder_.path / "asound.conf";
        std::ofstream{file} << "pcm_type.patchbay_wire { lib \""
                            << PATCHBAY_BIN_DIR "/../tests/libasound_module_pcm_patchbay_wire.so\" }\n"
                            << "pcm.out { type patchbay_wire wire \"a\" }\n"
                            << "pcm.in { type patchbay_wire wire \"a\" " << impairments << " }\n";
        ::setenv("ALSA_CONFIG_PATH", file.c_str(), 1);
    }
    ~WiredSound() { ::unsetenv("ALSA_CONFIG_PATH"); }
    WiredSound(const WiredSound&) = delete;

    /// What a device file says of it.
    static constexpr const char* options = "{playback: {pcm: out}, capture: {pcm: in}}";

private:
    TemporaryFolder folder_;
};

}  // namespace patchbay::testing
