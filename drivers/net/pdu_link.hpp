// SPDX-License-Identifier: Apache-2.0
#pragma once
// The four ways to speak to a network power switch, each told what to say by a model.

#include <chrono>
#include <memory>
#include <string>

#include "core/task.hpp"
#include "drivers/net/pdu_model.hpp"
#include "drivers/net/pdu_text.hpp"

namespace patchbay {

/// Which outlet of which device.
struct PduOutlet {
    std::string host;  ///< name or address, perhaps with ":port"; for HTTP also a URL
    int number = 1;
    std::string what;  ///< begins each message: "device imx8-01: power: PDU gude8031 at pdu1, outlet 3"
    std::string user, password, community, read_community;
    std::chrono::seconds patience{10};  ///< for one conversation
};

class PduLink {
public:
    virtual ~PduLink() = default;

    /// Says what the model says for on or off.
    /// Throws: InfrastructureError. Cancellation: safe; the outlet is then in either state.
    virtual Task<> set(bool on) = 0;
    /// What the device answers to the model's `status`.
    virtual Task<std::string> ask() = 0;
};

std::unique_ptr<PduLink> make_http_link(const PduModel& model, PduOutlet outlet);
/// By the programs snmpset and snmpget (package snmp).
std::unique_ptr<PduLink> make_snmp_link(const PduModel& model, PduOutlet outlet);
std::unique_ptr<PduLink> make_telnet_link(const PduModel& model, PduOutlet outlet);
std::unique_ptr<PduLink> make_kasa_link(const PduModel& model, PduOutlet outlet);

/// `outlet`'s variables for the model's texts.
PduVariables variables_of(const PduModel& model, const PduOutlet& outlet, const std::string& value);

}  // namespace patchbay
