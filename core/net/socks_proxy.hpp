// SPDX-License-Identifier: Apache-2.0
#pragma once
// For a program that follows URLs by itself: a SOCKS 5 server (RFC 1928) that connects it where a policy allows. Names
// are looked up here, and what they are found to be is checked and connected to: no redirect and no second look-up
// leads elsewhere.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "core/net/address_policy.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"

namespace patchbay {

class SocksProxy {
public:
    /// Listens on the loopback. Throws: InfrastructureError.
    SocksProxy(asio::any_io_executor executor, AddressPolicy policy);
    SocksProxy(const SocksProxy&) = delete;
    SocksProxy& operator=(const SocksProxy&) = delete;

    /// "socks5h://patchbay:<secret>@127.0.0.1:4711"; the secret keeps other users of this machine out.
    std::string url() const;
    /// Why the last connection that was refused was: AddressPolicy::refusal(). Empty: none was.
    const std::string& refusal() const { return refusal_; }

    /// Done when: nothing of it runs any more. Must be awaited before it goes.
    Task<> stop();

private:
    using Socket = std::shared_ptr<asio::ip::tcp::socket>;

    Task<> accept_all();
    Task<> serve(Socket client);
    Task<bool> greet(asio::ip::tcp::socket& client);
    Task<std::vector<asio::ip::tcp::endpoint>> targets_of(asio::ip::tcp::socket& client);
    static Task<> copy(Socket from, Socket to);

    asio::ip::tcp::acceptor acceptor_;
    TaskGroup group_;
    AddressPolicy policy_;
    std::string secret_;
    std::string refusal_;
};

}  // namespace patchbay
