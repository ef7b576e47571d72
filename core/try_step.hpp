// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/errors.hpp"
#include "core/task.hpp"

namespace patchbay {

/// Awaits a step on which the next ones do not depend; its result is dropped. Never throws: what the step throws, a
/// cancellation too, is kept in `failures`.
template <class T>
Task<> try_step(Failures& failures, Task<T> step) {
    try {
        static_cast<void>(co_await std::move(step));
    } catch (...) {
        failures.add(std::current_exception());
    }
}

}  // namespace patchbay
