// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is to be said to one model of network power switch, as data: the shipped catalogue (catalogue/pdu-models.yaml)
// or a lab's own mapping of the same form. docs/drivers/pdu.md explains the keys. Reading it is pure.

#include <optional>
#include <string>
#include <vector>

#include "core/config/map_reader.hpp"

namespace patchbay {

struct PduHttpStep {
    std::string method = "GET";
    std::string path;  ///< behind the host
    std::string body;
    std::string content_type;          ///< of a body
    std::vector<std::string> headers;  ///< "X-CSRF: x"
    std::string expect;                ///< must be found in the answer; empty: whatever it says
    std::string refused;               ///< must not be
};

struct PduHttp {
    std::string auth = "none";  ///< none, basic, digest
    bool verify_tls = true;
    std::vector<PduHttpStep> login, set, status, logout;
};

struct PduSnmp {
    std::string version = "1";  ///< or "2c"
    std::string set_oid, set_value, status_oid;
    std::string type = "i";  ///< of the value, as snmpset(1) has it
};

/// One exchange of a dialogue: send a line, wait until something is said.
struct PduExchange {
    std::optional<std::string> send;
    std::string expect;  ///< empty: go on at once
};

struct PduTelnet {
    int port = 23;
    std::string line_end = "\r\n";
    std::vector<PduExchange> login, set, status, logout;
};

/// The protocol says itself what switches and what asks (kasa.hpp).
struct PduKasa {
    int port = 9999;
};

/// How an answer is read.
struct PduState {
    std::string regex;  ///< its group 1 is the state; empty: the whole answer
    std::string json;   ///< or the value at this place: "outputs.2.state", "sensors.[port=3].output"
    std::string bit;    ///< the state is a number, and this bit of it is meant
    int base = 10;      ///< of that number
    std::vector<std::string> is_on{"1"}, is_off{"0"}, is_pending;  ///< "*" is whatever else it may say
};

struct PduModel {
    std::string name;
    std::string summary;
    int first_outlet = 1;
    int last_outlet = 0;  ///< 0: nobody knows
    int bank_size = 0;
    std::string when_on = "1", when_off = "0";              ///< what ${value} is
    std::string user, password, community, read_community;  ///< the maker's own
    // One of these four.
    std::optional<PduHttp> http;
    std::optional<PduSnmp> snmp;
    std::optional<PduTelnet> telnet;
    std::optional<PduKasa> kasa;
    std::optional<PduState> state;  ///< without one nothing can be read back
};

/// Reads a model. Mistakes are added to the reader's problems: also a ${…} that there is not, and an expression that
/// is none.
PduModel read_pdu_model(config::MapReader reader, std::string name);

/// A model of the catalogue; nullopt when there is none of that name.
std::optional<PduModel> find_pdu_model(const std::string& name);
/// "apc, eaton, …"
std::string known_pdu_models();

}  // namespace patchbay
