// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

namespace patchbay::testing {

/// What a serial port does beside its bytes, as the shim sees it. Bits as of TIOCMGET.
struct PtyLines {
    int set = 0;   ///< TIOCM_DTR, TIOCM_RTS: by whoever has it open
    int seen = 0;  ///< TIOCM_CTS, …: by the board
    int breaks = 0;
    bool in_break = false;
    bool wedged = false;  ///< set_wedged()
    int busy = 0;         ///< set_busy()
};

/// Where the shim finds the ports; empty: it changes nothing.
void set_pty_root(const std::string& folder);

/// Of the terminal /dev/pts/N.
PtyLines lines_of(const std::string& terminal);
/// The lines that the board drives; DTR and RTS become asserted, as opening a port does.
void set_lines(const std::string& terminal, int seen);
/// An adapter that takes no more bytes: what is written stays to be sent, and who waits for its end waits as long.
void set_wedged(const std::string& terminal, bool wedged);
/// Another program has it alone (TIOCEXCL, which stops all but root): so often opening it fails.
void set_busy(const std::string& terminal, int times);

/// Called whenever a port is opened, or its settings or bytes are dropped before it is closed (TIOCNXCL).
void set_on_open(std::function<void()> call);
void set_on_close(std::function<void()> call);

}  // namespace patchbay::testing
