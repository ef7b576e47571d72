// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_pdu.hpp"

#include <boost/asio/ip/udp.hpp>

#include "core/whole_file.hpp"
#include "tests/support/read_until.hpp"
#include "tests/support/run.hpp"

namespace patchbay::testing {
namespace {

/// What snmpd runs for each request: `-g OID`, or `-s OID TYPE VALUE`. The outlet is the last number.
constexpr auto agent_script = R"sh(
cd "$(dirname "$0")" || exit 1
outlet=${2##*.}
case $2 in .1.3.6.1.4.1.318.1.1.4.4.2.1.3.[1-8]) ;; *) exit 0 ;; esac
state=$(cat outlets)
before=$(printf %s "$state" | cut -c "-$((outlet - 1))")
[ "$outlet" = 1 ] && before=
after=$(printf %s "$state" | cut -c "$((outlet + 1))-")
if [ "$1" = -s ]; then
    [ "$(cat fault 2> /dev/null)" = stuck ] && exit 0
    [ "$4" = 1 ] && new=1 || new=0
    printf %s "$before$new$after" > outlets
    exit 0
fi
[ "$1" = -g ] || exit 0
[ "$(printf %s "$state" | cut -c "$outlet")" = 1 ] && value=1 || value=2
printf '%s\ninteger\n%s\n' "$2" "$value"
)sh";

int free_udp_port(asio::io_context& io) {
    const asio::ip::udp::endpoint any{asio::ip::make_address("127.0.0.1"), 0};
    const asio::ip::udp::socket socket{io, any};
    return socket.local_endpoint().port();
}

}  // namespace

SimPdu::SimPdu(asio::io_context& io, const std::string& dialect, std::filesystem::path folder)
    : folder_{std::move(folder)} {
    std::filesystem::create_directories(folder_);
    write_whole_file(folder_ / "outlets", "00000000");
    if (dialect == "snmp") {
        start_agent(io);
    } else {
        start_server(io, dialect);
    }
}

void SimPdu::start_server(asio::io_context& io, const std::string& dialect) {
    Command command;
    command.argv = {"python3", PATCHBAY_SOURCE_DIR "/tests/support/pdu_server.py", dialect, folder_.string()};
    process_ = std::make_unique<Process>(io.get_executor(), std::move(command));
    const auto said = run(io, read_until(*process_, "\n"));
    if (!said.starts_with("port ")) throw std::runtime_error{"pdu_server.py: " + said};
    port_ = std::stoi(said.substr(5));
}

void SimPdu::start_agent(asio::io_context& io) {
    port_ = free_udp_port(io);
    write_whole_file(folder_ / "outlet.sh", agent_script);
    write_whole_file(folder_ / "snmpd.conf",
                     "rwcommunity private 127.0.0.1\nrocommunity public 127.0.0.1\n"
                     "pass .1.3.6.1.4.1.318.1.1.4.4.2.1.3 /bin/sh " +
                         (folder_ / "outlet.sh").string() + "\n");
    Command command;
    command.argv = {
        "/usr/sbin/snmpd", "-f", "-Lo", "-C", "-c", (folder_ / "snmpd.conf").string(), "-p", (folder_ / "pid").string(),
        "udp:" + address()};
    command.environment = {{"SNMP_PERSISTENT_DIR", folder_.string()}, {"MIBS", ""}};
    process_ = std::make_unique<Process>(io.get_executor(), std::move(command));
    const auto said = run(io, read_until(*process_, "NET-SNMP version"));
    if (said.find("NET-SNMP version") == std::string::npos) throw std::runtime_error{"snmpd: " + said};
}

bool SimPdu::is_on(int outlet) const {
    return read_whole_file(folder_ / "outlets").at(static_cast<std::size_t>(outlet) - 1) == '1';
}

void SimPdu::set(int outlet, bool on) const {
    auto text = read_whole_file(folder_ / "outlets");
    text.at(static_cast<std::size_t>(outlet) - 1) = on ? '1' : '0';
    write_whole_file(folder_ / "outlets", text);
}

void SimPdu::fault(const std::string& name) const {
    std::filesystem::remove(folder_ / "fault");
    if (!name.empty()) write_whole_file(folder_ / "fault", name);
}

std::string SimPdu::asked() const {
    return std::filesystem::exists(folder_ / "asked") ? read_whole_file(folder_ / "asked") : "";
}

}  // namespace patchbay::testing
