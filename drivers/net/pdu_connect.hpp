// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "core/task.hpp"

namespace patchbay {

/// To "pdu1", or to "pdu1:7001" when another port than the model's is meant.
/// Throws: boost::system::system_error.
Task<> connect_to_pdu(asio::ip::tcp::socket& socket, std::string host, int port);

}  // namespace patchbay
