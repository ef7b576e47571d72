// SPDX-License-Identifier: Apache-2.0
#pragma once
// Task<T>: one awaitable step. docs/maintainers/coroutines.md lists the compiler traps; scripts/lint_coroutines.py
// finds them.

#include <boost/asio/awaitable.hpp>

namespace patchbay {

namespace asio = boost::asio;

template <class T = void>
using Task = asio::awaitable<T>;

}  // namespace patchbay
