// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "drivers/net/pdu_link.hpp"

namespace patchbay {
namespace {

class SnmpLink final : public PduLink {
public:
    SnmpLink(const PduModel& model, PduOutlet outlet) : model_{model}, outlet_{std::move(outlet)} {}

    Task<> set(bool on) override {
        const auto variables = variables_of(model_, outlet_, on ? model_.when_on : model_.when_off);
        const auto oid = expand(model_.snmp->set_oid, variables, PduSecrets::plain);
        const auto value = expand(model_.snmp->set_value, variables, PduSecrets::plain);
        std::vector<std::string> words{oid, model_.snmp->type, value};
        co_await run("snmpset", outlet_.community, std::move(words));
    }

    Task<std::string> ask() override {
        const auto oid = expand(model_.snmp->status_oid, variables_of(model_, outlet_, ""), PduSecrets::plain);
        std::vector<std::string> words{oid};
        const auto text = without_end(co_await run("snmpget", outlet_.read_community, std::move(words)));
        co_return text.substr(text.rfind('\n') + 1);  // warnings of the library's stand before it
    }

private:
    Task<std::string> run(std::string program, std::string community, std::vector<std::string> words) {
        Command command;
        // No MIBs, only the value, numbers as numbers; asked again each second. It gives up by itself and says why.
        const auto again = std::max<std::chrono::seconds::rep>(outlet_.patience.count() - 1, 0);
        command.argv = {program,     "-v", model_.snmp->version,  "-c", community, "-t",
                        "1",         "-r", std::to_string(again), "-m", "",        "-Oqve",
                        outlet_.host};
        command.argv.insert(command.argv.end(), words.begin(), words.end());
        const auto deadline = Deadline::in(outlet_.patience + std::chrono::seconds{5});
        CommandOutput output;
        try {
            output = co_await capture_command(std::move(command), deadline, 4096);
        } catch (const TimedOut&) {
            throw InfrastructureError{outlet_.what + ": " + program + " did not end in time; run it by hand"};
        } catch (const InfrastructureError& error) {
            throw InfrastructureError{outlet_.what + ": " + error.what() + "; install the package snmp"};
        }
        // snmpget says in its answer, and not by its code, that there is no such thing (version 2c).
        if (output.exit_code != 0 || output.text.find("No Such ") != std::string::npos) {
            throw InfrastructureError{
                outlet_.what + ": " + program + " ended with " + std::to_string(output.exit_code) + ": " +
                in_one_line(output.text) +
                "; is it this model, switched on and on this network, and may the community do this?"};
        }
        co_return output.text;
    }

    static std::string without_end(std::string text) {
        while (text.ends_with('\n')) text.pop_back();
        return text;
    }

    static std::string in_one_line(const std::string& text) {
        auto line = without_end(text);
        std::ranges::replace(line, '\n', ' ');
        return line;
    }

    PduModel model_;
    PduOutlet outlet_;
};

}  // namespace

std::unique_ptr<PduLink> make_snmp_link(const PduModel& model, PduOutlet outlet) {
    return std::make_unique<SnmpLink>(model, std::move(outlet));
}

}  // namespace patchbay
