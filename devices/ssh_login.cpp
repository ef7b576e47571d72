// SPDX-License-Identifier: Apache-2.0
#include "devices/ssh_login.hpp"

namespace patchbay {
namespace {

void set(std::vector<std::string>& words, const std::string& option) { words.insert(words.end(), {"-o", option}); }

void add_options(std::vector<std::string>& words, const SshLogin& login) {
    set(words, "BatchMode=yes");
    set(words, "ControlPath=none");
    words.insert(words.end(), login.options.begin(), login.options.end());
    if (login.host_key == SshLogin::HostKey::any) {
        set(words, "UserKnownHostsFile=/dev/null");
        set(words, "StrictHostKeyChecking=no");
    } else {
        set(words, "StrictHostKeyChecking=yes");
    }
    set(words, "ConnectTimeout=" + std::to_string(login.connect_time.count()));
    set(words, "ServerAliveInterval=15");
    set(words, "ServerAliveCountMax=3");
    if (!login.known_hosts.empty()) set(words, "UserKnownHostsFile=" + login.known_hosts);
    if (login.key_file.empty()) return;
    set(words, "IdentitiesOnly=yes");
    words.insert(words.end(), {"-i", login.key_file});
}

}  // namespace

std::vector<std::string> ssh_words(const SshLogin& login) {
    std::vector<std::string> words{"ssh", "-tt", "-o", "EscapeChar=none"};
    add_options(words, login);
    if (login.port) words.insert(words.end(), {"-p", std::to_string(*login.port)});
    if (!login.user.empty()) words.insert(words.end(), {"-l", login.user});
    words.push_back(login.host);
    return words;
}

std::vector<std::string> scp_words(const SshLogin& login, const std::string& file, const std::string& there) {
    std::vector<std::string> words{"scp"};
    add_options(words, login);
    if (login.port) words.insert(words.end(), {"-P", std::to_string(*login.port)});
    // An address of IPv6 has colons of its own.
    const auto host = login.host.find(':') == std::string::npos ? login.host : "[" + login.host + "]";
    words.push_back(file);
    words.push_back((login.user.empty() ? "" : login.user + "@") + host + ":" + there);
    return words;
}

}  // namespace patchbay
