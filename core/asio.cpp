// SPDX-License-Identifier: Apache-2.0
// Asio is compiled once, here, and not in every file that includes it.
#include <boost/asio/impl/src.hpp>
