// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace patchbay {

/// A login on another machine by OpenSSH's programs. They ask nobody anything, so that none waits for a password, and
/// find out within a minute that the other machine is gone.
struct SshLogin {
    /// known: only a machine whose key this one has. any: its system may be as new as its key.
    enum class HostKey { known, any };

    std::string host;
    std::string user;  ///< empty: as ssh's own configuration says; so is an absent port
    std::optional<int> port;
    std::string key_file;     ///< the private key; empty: those of whoever runs ssh
    std::string known_hosts;  ///< empty: the file of whoever runs ssh
    HostKey host_key = HostKey::known;
    std::chrono::seconds connect_time{10};
    /// Arguments of ssh as of scp. What they say about host keys and times holds: ssh takes what it reads first.
    std::vector<std::string> options;
};

/// ssh, with a terminal over there, which takes every byte: there is no escape character.
std::vector<std::string> ssh_words(const SshLogin& login);

/// scp, which copies a file of this host to a path there.
std::vector<std::string> scp_words(const SshLogin& login, const std::string& file, const std::string& there);

}  // namespace patchbay
