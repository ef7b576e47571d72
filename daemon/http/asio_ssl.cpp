// SPDX-License-Identifier: Apache-2.0
// Asio's part for OpenSSL is compiled once, here, as the rest of it is in core/asio.cpp.
#include <boost/asio/ssl/impl/src.hpp>
