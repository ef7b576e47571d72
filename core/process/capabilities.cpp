// SPDX-License-Identifier: Apache-2.0
#include "core/process/capabilities.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace patchbay {

bool has_capabilities(std::initializer_list<int> wanted) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capget, &header, sets) != 0) return false;
    for (const int one : wanted) {
        if ((sets[CAP_TO_INDEX(one)].effective & CAP_TO_MASK(one)) == 0) return false;
    }
    return true;
}

}  // namespace patchbay
