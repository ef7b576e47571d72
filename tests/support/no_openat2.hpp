// SPDX-License-Identifier: Apache-2.0
#pragma once
// What systemd's RestrictSUIDSGID= does to a service: openat2(2) fails, as if the kernel had none.

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <functional>
#include <iterator>
#include <thread>

namespace patchbay::testing {

/// Runs `work` on a thread that may not call it. False: the kernel takes no such filter, and nothing has run.
inline bool without_openat2(const std::function<void()>& work) {
    bool ran = false;
    std::thread thread{[&] {
        sock_filter filter[] = {
            BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
            BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const sock_fprog program{static_cast<unsigned short>(std::size(filter)), filter};
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return;
        if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) return;
        ran = true;
        work();
    }};
    thread.join();
    return ran;
}

}  // namespace patchbay::testing
