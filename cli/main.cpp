// SPDX-License-Identifier: Apache-2.0
// patchbay: the command line of the lab.
#include <fcntl.h>

#include "cli/program.hpp"

namespace {

/// Where one of the standard descriptors is closed a connection would take its number, and be read as what is typed.
void open_standard_descriptors() {
    for (const int number : {0, 1, 2})
        if (::fcntl(number, F_GETFD) < 0) ::open("/dev/null", O_RDWR);  // the lowest free number: this one
}

}  // namespace

int main(int argc, char** argv) {
    using namespace patchbay::cli;
    open_standard_descriptors();
    return run_program({argv + 1, argv + argc}, current_environment(), real_terminal());
}
