// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

namespace patchbay {

/// Does this process, and not another one, take TCP connections at the port? A process of another user does not say so.
/// Source: proc(5), /proc/pid/fd and /proc/pid/net/tcp.
bool listens_at(pid_t process, unsigned short port);

}  // namespace patchbay
