// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace patchbay {

/// What a method answers instead of a value: HTTP 200 with LAVA's code and text (linaro_django_xmlrpc/models.py).
struct Fault : std::runtime_error {
    Fault(int fault_code, const std::string& text) : std::runtime_error{text}, code{fault_code} {}
    int code;
};

namespace fault_code {
constexpr int not_a_call = -32600;
constexpr int no_such_method = -32601;
constexpr int bad_multicall = -32602;
constexpr int try_again = 503;    ///< ours: the lab cannot store or read at the moment
constexpr int internal = -32603;  ///< also what cannot be decoded, and a wrong number of arguments
}  // namespace fault_code

}  // namespace patchbay
