// SPDX-License-Identifier: Apache-2.0
#pragma once
// Gives one file to a target over HTTP, as long as the step that needs it lasts.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <filesystem>
#include <string>

#include "core/task.hpp"
#include "core/task_group.hpp"

namespace patchbay {

class FileServer {
public:
    /// Listens on every address, on a port of the system's choice; targets come from the lab's networks. Only who knows
    /// the path gets the file, and the path cannot be guessed. Throws: InfrastructureError.
    FileServer(asio::any_io_executor executor, std::filesystem::path file);

    unsigned short port() const { return port_; }
    const std::string& path() const { return path_; }  ///< "/tmp/<32 hexadecimal digits>/overlay.tar.gz"
    bool delivered() const { return delivered_; }      ///< somebody got the whole file

    /// Done when: nothing of it runs any more. Must be awaited before it goes.
    Task<> stop();

private:
    Task<> accept_all();
    Task<> serve(asio::ip::tcp::socket socket);
    Task<> answer(asio::ip::tcp::socket& socket);

    asio::ip::tcp::acceptor acceptor_;
    TaskGroup group_;
    std::filesystem::path file_;
    std::string path_;
    unsigned short port_ = 0;
    bool delivered_ = false;
};

}  // namespace patchbay
