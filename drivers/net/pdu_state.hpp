// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "drivers/net/pdu_model.hpp"
#include "drivers/net/pdu_text.hpp"

namespace patchbay {

enum class OutletState { on, off, pending };

/// What a PDU's answer says of an outlet. Pure.
/// Throws: InfrastructureError saying what the answer lacks, quoting its beginning.
OutletState read_outlet_state(const std::string& answer, const PduState& how, const PduVariables& variables);

}  // namespace patchbay
