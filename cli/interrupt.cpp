// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.hpp"

#include <poll.h>

#include <csignal>

#include "cli/exit.hpp"

namespace patchbay::cli {
namespace {

volatile std::sig_atomic_t flag = 0;

void on_signal(int) { flag = 1; }

}  // namespace

InterruptGuard::InterruptGuard() {
    flag = 0;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = static_cast<int>(SA_RESETHAND);  // no SA_RESTART: poll() returns at once
    ::sigaction(SIGINT, &action, nullptr);
}

InterruptGuard::~InterruptGuard() {
    flag = 0;
    std::signal(SIGINT, SIG_DFL);
}

bool interrupted() { return flag != 0; }

void pause_for(std::chrono::milliseconds time) {
    if (!interrupted()) ::poll(nullptr, 0, static_cast<int>(time.count()));
    if (interrupted()) throw Interrupted{};
}

}  // namespace patchbay::cli
