// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "core/whole_file.hpp"
#include "drivers/net/pdu_link.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// A folder with the file snmp.conf, which hands the community to a program of net-snmp: every user of the machine can
/// read what stands in a command line.
class CommunityFile {
public:
    explicit CommunityFile(const std::string& community) : folder_{make()} {
        // The rest of the line is the community as it is: there are no quotes (snmp.conf(5)).
        write_whole_file(folder_ / "snmp.conf", "defCommunity " + community + "\n");
    }
    ~CommunityFile() {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
    CommunityFile(const CommunityFile&) = delete;
    CommunityFile& operator=(const CommunityFile&) = delete;

    const fs::path& folder() const { return folder_; }

private:
    static fs::path make() {
        auto name = (fs::temp_directory_path() / "patchbay-snmp-XXXXXX").string();
        if (!::mkdtemp(name.data())) {  // for nobody but us
            throw InfrastructureError{"cannot make the folder " + name + ": " + std::generic_category().message(errno) +
                                      "; free some space there"};
        }
        return name;
    }

    fs::path folder_;
};

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
        if (community.find('\n') != std::string::npos)
            throw InfrastructureError{outlet_.what + ": the community has more than one line; correct the credentials"};
        const CommunityFile secret{community};
        Command command;
        command.environment["SNMPCONFPATH"] = secret.folder().string();
        // No MIBs, only the value, numbers as numbers; asked again each second. It gives up by itself and says why.
        const auto again = std::max<std::chrono::seconds::rep>(outlet_.patience.count() - 1, 0);
        command.argv = {program, "-v",    model_.snmp->version, "-t", "1", "-r", std::to_string(again), "-m",
                        "",      "-Oqve", outlet_.host};
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
                for_message(in_one_line(output.text), {community}) +
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
