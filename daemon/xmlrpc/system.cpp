// SPDX-License-Identifier: Apache-2.0
#include "core/config/yaml.hpp"
#include "daemon/api/master_config.hpp"
#include "daemon/lab/settings.hpp"
#include "daemon/xmlrpc/handlers.hpp"

namespace patchbay::rpc {

Task<config::Value> api_version(RpcCall&) { co_return 2; }

Task<config::Value> version(RpcCall& call) { co_return call.lab.settings.version; }

Task<config::Value> whoami(RpcCall& call) {
    if (!call.user) co_return config::Value{};
    co_return call.user->name;
}

Task<config::Value> master_config(RpcCall& call) {
    co_return config::parse_json(master_config_json(call.lab.settings.events));
}

/// Of LAVA up to 2023.01; what it gave without switches for networks.
Task<config::Value> pipeline_network_map(RpcCall&) { co_return "switches: {}\n"; }

/// Python's client sends it as the last word of `with ServerProxy(...)`.
Task<config::Value> close_connection(RpcCall&) { co_return config::Value{}; }

Task<config::Value> get_capabilities(RpcCall&) {
    co_return config::parse_json(R"({
        "introspect": {"specUrl": "http://xmlrpc-c.sourceforge.net/xmlrpc-c/introspection.html", "specVersion": 1},
        "faults_interop": {"specUrl": "http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php",
                           "specVersion": 20010516},
        "auth_token": {"specUrl": "https://blueprints.launchpad.net/linaro-django-xmlrpc/+spec/)"
                                 R"(other-o-linaro-xml-rpc-auth-tokens", "specVersion": 20110516}
    })");
}

}  // namespace patchbay::rpc
