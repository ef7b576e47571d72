// SPDX-License-Identifier: Apache-2.0
#include "cli/exit.hpp"

namespace patchbay::cli {
namespace {

int weight(Exit value) {
    switch (value) {
        case Exit::ok:
            return 0;
        case Exit::failed_cases:
            return 1;
        case Exit::broken:
            return 2;
        case Exit::rejected:
            return 3;
        case Exit::trouble:
            return 4;
        case Exit::interrupted:
            return 5;
    }
    return 4;
}

}  // namespace

Exit worse(Exit a, Exit b) { return weight(a) >= weight(b) ? a : b; }

}  // namespace patchbay::cli
