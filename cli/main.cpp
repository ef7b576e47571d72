// SPDX-License-Identifier: Apache-2.0
// patchbay: the command line of the lab.
#include "cli/program.hpp"

int main(int argc, char** argv) {
    using namespace patchbay::cli;
    return run_program({argv + 1, argv + argc}, current_environment(), real_terminal());
}
