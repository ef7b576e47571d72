// SPDX-License-Identifier: Apache-2.0
#pragma once
// The drivers `pdu` and `pdudaemon`. docs/drivers/ has a page for each.

#include "drivers/builtin.hpp"
#include "drivers/switch.hpp"

namespace patchbay {

/// One outlet of a network power switch whose model is data (pdu_model.hpp).
SwitchPtr make_pdu_switch(const DriverRequest& request);

/// One outlet behind a PDUDaemon.
SwitchPtr make_pdudaemon_switch(const DriverRequest& request);

}  // namespace patchbay
