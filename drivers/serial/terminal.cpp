// SPDX-License-Identifier: Apache-2.0
#include "drivers/serial/terminal.hpp"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace patchbay {

int settle_terminal(int fd, Handshake handshake) {
    struct termios2 terminal {};
    if (::ioctl(fd, TCGETS2, &terminal) != 0) return -1;
    terminal.c_cc[VMIN] = 1;
    terminal.c_cc[VTIME] = 0;
    terminal.c_iflag &= ~CRTSCTS;
    terminal.c_cflag &= ~(CRTSCTS | HUPCL);  // closing must not pull DTR and RTS, where a board may have its reset
    if (handshake == Handshake::rtscts) terminal.c_cflag |= CRTSCTS;
    if (::ioctl(fd, TCSETS2, &terminal) != 0) return -1;
    return static_cast<int>(terminal.c_ospeed);
}

void own_terminal(int fd) { ::ioctl(fd, TIOCEXCL); }
void share_terminal(int fd) { ::ioctl(fd, TIOCNXCL); }

}  // namespace patchbay
