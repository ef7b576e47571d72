// SPDX-License-Identifier: Apache-2.0
// Preloaded into the programs under test: the wall clock is off by as many seconds as the file PATCHBAY_CLOCK_OFFSET
// says now. The monotonic clock, which all deadlines use, stays as it is.

#include <dlfcn.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>

extern "C" int clock_gettime(clockid_t id, timespec* time) {
    static const auto real = reinterpret_cast<int (*)(clockid_t, timespec*)>(dlsym(RTLD_NEXT, "clock_gettime"));
    const int result = real(id, time);
    if (result != 0 || id != CLOCK_REALTIME) return result;
    const char* name = std::getenv("PATCHBAY_CLOCK_OFFSET");
    const int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return result;
    char text[32] = {};
    if (read(file, text, sizeof text - 1) > 0) time->tv_sec += std::atol(text);
    close(file);
    return result;
}
