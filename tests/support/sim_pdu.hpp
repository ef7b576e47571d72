// SPDX-License-Identifier: Apache-2.0
#pragma once
// Network power switches that answer on the loopback: tests/support/pdu_server.py, and the real snmpd.

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "core/process/process.hpp"

namespace patchbay::testing {

class SimPdu {
public:
    /// `dialect` is one of pdu_server.py's, or "snmp": an agent that has the outlets of the model `apc`.
    SimPdu(asio::io_context& io, const std::string& dialect, std::filesystem::path folder);

    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    int port() const { return port_; }

    bool is_on(int outlet) const;
    void set(int outlet, bool on) const;
    /// pdu_server.py lists them; empty: none. Of "snmp" only stuck.
    void fault(const std::string& name) const;
    /// Each request, one a line.
    std::string asked() const;

private:
    void start_server(asio::io_context& io, const std::string& dialect);
    void start_agent(asio::io_context& io);

    std::filesystem::path folder_;
    std::unique_ptr<Process> process_;
    int port_ = 0;
};

}  // namespace patchbay::testing
