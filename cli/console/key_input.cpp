// SPDX-License-Identifier: Apache-2.0
#include "cli/console/key_input.hpp"

#include <unistd.h>

#include <cerrno>

namespace patchbay::cli {

std::string KeyInput::take(short events) {
    if (events == 0 || ended()) return {};
    char bytes[4096];
    const auto size = ::read(descriptor_, bytes, sizeof bytes);
    if (size > 0) return {bytes, static_cast<std::size_t>(size)};
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) return {};
    descriptor_ = -1;
    return {};
}

}  // namespace patchbay::cli
