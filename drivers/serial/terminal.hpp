// SPDX-License-Identifier: Apache-2.0
#pragma once
// What libserialport leaves to the kernel's own interface (ioctl_tty(2)). A file of its own: <asm/termbits.h>, which
// alone knows speeds by number, cannot be included together with <termios.h>.

namespace patchbay {

enum class Handshake { none, rtscts };

/// Puts right what libserialport 0.1.1 leaves wrong. It sets VMIN to 0: a read without bytes then returns 0, as it does
/// when the adapter is gone. And it sets CRTSCTS among the input modes, where it means nothing, so that RTS and CTS are
/// never used. And it sets HUPCL, so that closing would pull DTR and RTS. Returns the speed that the kernel's driver
/// made of what it was asked for, in bits a second; -1 and errno when the terminal is gone.
int settle_terminal(int fd, Handshake handshake);

/// Nobody but root can open it from now on.
void own_terminal(int fd);
/// Ends that.
void share_terminal(int fd);

}  // namespace patchbay
