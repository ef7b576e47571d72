// SPDX-License-Identifier: Apache-2.0
#include "cli/text/times.hpp"

namespace patchbay::cli {

std::string short_time(const std::string& time) {
    if (time.size() < 16) return time;
    return time.substr(0, 10) + " " + time.substr(11, 5);
}

std::string long_time(const std::string& time) {
    if (time.size() < 20 || !time.ends_with('Z')) return time;
    return time.substr(0, 10) + " " + time.substr(11, 8) + " UTC";
}

}  // namespace patchbay::cli
