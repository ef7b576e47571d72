// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/boot/ssh_target.hpp"

#include <array>

#include "core/text.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/protocol_calls.hpp"

namespace patchbay {
namespace {

constexpr auto place = "actions.deploy.methods.ssh of the device's file";

const config::Value& settings_of(const JobContext& job) {
    static const config::Value none;
    const auto* ssh = job.description.deploy_methods.find("ssh");
    return ssh ? *ssh : none;
}

std::string setting(const JobContext& job, std::string_view key) {
    return config::text_or_empty(settings_of(job).find(key));
}

std::string parameter(const ActionBlock& block, std::string_view key) {
    const auto* parameters = block.parameters.find("parameters");
    return config::text_or_empty(parameters ? parameters->find(key) : nullptr);
}

/// It stands in options of ssh and scp, and in front of the path there.
bool is_address(std::string_view text) {
    constexpr auto allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%";
    return !text.empty() && text.front() != '-' && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_user(std::string_view text) {
    return text.empty() || (text.front() != '-' && text.find_first_of("@:/ \t\n") == std::string_view::npos);
}

std::optional<int> port_of(const JobContext& job) {
    const auto text = setting(job, "port");
    const auto number = whole_number(text.empty() ? "22" : text);
    if (!number || *number < 1 || *number > 65535) return std::nullopt;
    return static_cast<int>(*number);
}

/// What OpenSSH prints when it cannot log in, and what to do then. The first that fits is taken.
struct Refusal {
    std::string_view says;
    std::string_view help;
};
constexpr std::array refusals{
    Refusal{"UNPROTECTED PRIVATE KEY", "only the runner's user may be able to read the key: chmod 600"},
    Refusal{"bad permissions", "only the runner's user may be able to read the key: chmod 600"},
    Refusal{"Load key", "the device's identity_file must be a private key without a passphrase"},
    Refusal{"Could not resolve hostname", "check 'host' in the device's file, and the name server of this machine"},
    Refusal{"Connection refused", "does its ssh server run, and at this port?"},
    Refusal{"timed out", "is the machine on, and does this one reach its network?"},
    Refusal{"No route to host", "is the machine on, and does this one reach its network?"},
    Refusal{"Network is unreachable", "is the machine on, and does this one reach its network?"},
    Refusal{"Permission denied (", "let this lab in: add to ~/.ssh/authorized_keys of that user"},
    Refusal{"Too many authentication failures", "let this lab in: add to ~/.ssh/authorized_keys of that user"},
    Refusal{"Host key verification failed", "its key is none that the options of the device's file ask for"},
    Refusal{"Unable to negotiate",
            "its server is old; allow what it offers by 'options' in the device's file, as ['-o', "
            "'HostKeyAlgorithms=+ssh-rsa']"},
    Refusal{"Bad configuration option", "mend 'options' in the device's file"},
    Refusal{"command-line", "mend 'options' in the device's file"},
    Refusal{"unknown option", "mend 'options' in the device's file"},
    Refusal{"kex_exchange_identification", "its server ends what comes to it; its own log says why"},
    Refusal{"Connection closed by", "its server ends what comes to it; its own log says why"},
    Refusal{"Connection reset by", "its server ends what comes to it; its own log says why"},
};

/// The line of `text` with this place in it, without what ends it.
std::string line_at(std::string_view text, std::size_t at) {
    const auto before = text.find_last_of("\r\n", at);
    const auto begin = before == std::string_view::npos ? 0 : before + 1;
    return std::string{text.substr(begin, text.find_first_of("\r\n", at) - begin)};
}

}  // namespace

std::string SshTarget::name() const {
    return login.user + "@" + login.host + " port " + std::to_string(login.port.value_or(22));
}

void check_ssh_target(const JobContext& job, const ActionBlock& block, std::vector<std::string>& errors) {
    const std::string of_device = std::string{" in "} + place;
    if (!job.description.deploy_methods.contains("ssh")) {
        errors.push_back("the boot method ssh needs " + std::string{place} + ", with the machine's 'host'");
        return;
    }
    if (const auto guest = ssh_guest(block); !guest.message.empty()) {
        if (guest.key.empty()) {
            errors.push_back("boot method ssh: 'hostID' needs a 'host_key', the name of the address in that message");
        }
        if (!job.definition.multinode) errors.push_back("boot method ssh: 'hostID' needs a multinode job");
        if (!waits_for_message(job, guest.message)) {
            errors.push_back("boot method ssh: no call of the job waits for the message '" + guest.message +
                             "'; give its deploy to ssh a 'protocols' with a lava-wait for it, and a 'message' with '" +
                             guest.key + "'");
        }
    } else if (const auto host = setting(job, "host"); host.empty()) {
        errors.push_back("Unable to retrieve ssh_host address for primary connection: 'host' is empty" + of_device);
    } else if (!is_address(host)) {
        errors.push_back("'" + host + "' is no name or address of a machine: 'host'" + of_device);
    }
    if (!port_of(job))
        errors.push_back("'" + setting(job, "port") + "' is no port from 1 to 65535: 'port'" + of_device);
    if (!is_user(setting(job, "user"))) {
        errors.push_back("'" + setting(job, "user") + "' is no name of a user: 'user'" + of_device);
    }
    const auto* options = settings_of(job).find("options");
    if (options && !options->is_null() && !options->as_list()) errors.push_back("'options' must be a list" + of_device);
}

SshGuest ssh_guest(const ActionBlock& block) { return {parameter(block, "hostID"), parameter(block, "host_key")}; }

SshTarget ssh_target(const JobContext& job, const std::string& guest) {
    SshTarget target;
    auto& login = target.login;
    login.host = guest.empty() ? setting(job, "host") : guest;
    if (!guest.empty()) {
        if (!is_address(guest)) throw JobError{"the group said '" + guest + "', which is no address of a machine"};
        target.at_fault = ErrorType::job;  // its machine is made by a job
    }
    login.user = setting(job, "user");
    if (login.user.empty()) login.user = "root";
    login.port = port_of(job);
    login.host_key = SshLogin::HostKey::any;  // the device's options may ask for a known one
    // LAVA's own options ask for less than what says why a login fails.
    login.options = {"-o", "LogLevel=ERROR"};
    for (auto& option : texts_of(settings_of(job).find("options"))) login.options.push_back(std::move(option));
    return target;
}

std::string why_no_login(std::string_view said, const std::string& public_key) {
    for (const auto& refusal : refusals) {
        const auto at = said.find(refusal.says);
        if (at == std::string_view::npos) continue;
        auto text = "'" + line_at(said, at) + "'; " + std::string{refusal.help};
        if (refusal.help.ends_with("of that user")) text += ": " + public_key;
        return text;
    }
    return {};
}

}  // namespace patchbay
