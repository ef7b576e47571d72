// SPDX-License-Identifier: Apache-2.0
// deploy: {to: nbd}: a root over a network block device, served by nbd-server until the job ends
// (lava_dispatcher/actions/deploy/nbd.py, protocols/xnbd.py).
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <fstream>
#include <optional>
#include <utility>

#include "core/process/file_descriptor.hpp"
#include "core/process/listens_at.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using Tcp = asio::ip::tcp;

constexpr auto deploy_name = "nbd-deploy";
// LAVA's range for `port: auto`; the lab's firewall may let boards reach just these.
constexpr unsigned short first_port = 55000, last_port = 56000;

/// `protocols: {lava-xnbd: {port: auto | <number>}}` of the job.
const config::Value* wanted_port(const JobContext& job) {
    const auto* protocol = job.definition.protocols.find("lava-xnbd");
    return protocol ? protocol->find("port") : nullptr;
}

bool is_free(asio::any_io_executor executor, unsigned short port) {
    Tcp::acceptor acceptor{executor};
    boost::system::error_code error;
    acceptor.open(Tcp::v4(), error);
    acceptor.set_option(Tcp::acceptor::reuse_address{true}, error);
    acceptor.bind({Tcp::v4(), port}, error);
    return !error;
}

class NbdDeploy final : public BoardDeployAction {
public:
    explicit NbdDeploy(std::string os) : BoardDeployAction{deploy_name, "deploy a root over NBD", std::move(os)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        need_host_address(job, HostService::nbd, errors);
        co_await BoardDeployAction::validate(job, errors);
    }
};

class XnbdServerDeploy final : public Action {
public:
    explicit XnbdServerDeploy(std::shared_ptr<fs::path> image)
        : Action{"xnbd-server-deploy", "serve the root over NBD"}, image_{std::move(image)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        need_program("nbd-server", "nbd-server", errors);
        const auto* port = wanted_port(job);
        if (!port) {
            errors.push_back("deploy to nbd needs 'protocols: {lava-xnbd: {port: auto}}' in the job");
        } else if (*port != config::Value{"auto"}) {
            const auto number = read_count(port);
            if (!number || *number < 1024 || *number > 65535) {
                errors.push_back("Invalid port '" + config::python_str(*port) +
                                 "' of lava-xnbd; use auto, or a number from 1024 to 65535");
            }
        }
        co_return;
    }

    Task<> cleanup(JobContext& job) override {
        const auto pid_file = std::exchange(pid_file_, {});
        if (pid_file.empty()) co_return;
        // Who was stopped while it went into the background has not met it, and it may not have written its number yet.
        for (int tries = 0; tries < 50 && !server_; ++tries) {
            if (auto found = server_of(pid_file)) {
                server_ = std::move(*found);
                break;
            }
            co_await sleep_for(std::chrono::milliseconds{20});
        }
        const auto server = std::exchange(server_, {});
        if (!server) co_return;
        job.log.debug("Stopping nbd-server");
        // It ends those that serve clients, too.
        ::syscall(SYS_pidfd_send_signal, server.get(), SIGTERM, nullptr, 0);
        for (int tries = 0; tries < 40 && is_running(server); ++tries)
            co_await sleep_for(std::chrono::milliseconds{50});
        ::syscall(SYS_pidfd_send_signal, server.get(), SIGKILL, nullptr, 0);
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto executor = co_await asio::this_coro::executor;
        auto port = choose_port(job, executor, first_port);
        for (;;) {
            co_await cleanup(job);  // of an earlier try
            co_await start(job, port, deadline);
            const bool listens = co_await comes_to_listen(port, deadline);
            if (listens) break;
            if (is_free(executor, port))
                throw InfrastructureError{"nbd-server ended at once; the log shows what it said"};
            job.log.info("Port " + std::to_string(port) + " was taken by another program while nbd-server started");
            port = choose_port(job, executor, port);
        }
        auto& boot = job.state(ns()).boot;
        boot.nbd_server = host_address(job, HostService::nbd);
        boot.nbd_port = port;
        job.log.info("NBD server at port " + std::to_string(port));
    }

private:
    /// The job's own, or the first free one from `from` on.
    static unsigned short choose_port(const JobContext& job, asio::any_io_executor executor, unsigned short from) {
        const auto* wanted = wanted_port(job);
        if (wanted && *wanted != config::Value{"auto"}) {
            const auto port = static_cast<unsigned short>(read_count(wanted).value_or(0));
            if (is_free(executor, port)) return port;
            throw InfrastructureError{"port " + std::to_string(port) + " of lava-xnbd is in use; use 'port: auto'"};
        }
        for (unsigned short port = from; port < last_port; ++port) {
            if (is_free(executor, port)) return port;
        }
        throw InfrastructureError{"no port from " + std::to_string(first_port) + " to " + std::to_string(last_port) +
                                  " is free for an NBD server"};
    }

    Task<> start(JobContext& job, unsigned short port, Deadline deadline) {
        const auto folder = job.directory / (name() + "-" + level());
        fs::create_directories(folder);
        const auto pid_file = folder / "pid";
        fs::remove(pid_file);
        pid_file_ = pid_file;
        // It goes into the background by itself. No configuration of the host's is read.
        Command command;
        command.argv = {"nbd-server", std::to_string(port), image_->string(), "-C", "/dev/null", "-p"};
        command.argv.push_back(pid_file.string());
        co_await run_program(job, std::move(command), deadline);
    }

    static bool is_running(const FileDescriptor& process) {
        pollfd poll{process.get(), POLLIN, 0};
        return ::poll(&poll, 1, 0) == 0;
    }

    /// It writes its number when it is in the background; 0: not yet.
    static pid_t number_in(const fs::path& pid_file) {
        pid_t pid = 0;
        return std::ifstream{pid_file} >> pid && pid > 1 ? pid : 0;
    }

    /// A handle of the process never means another one. Nothing: not yet; an empty one: it has ended.
    static std::optional<FileDescriptor> server_of(const fs::path& pid_file) {
        const auto pid = number_in(pid_file);
        if (pid == 0) return std::nullopt;
        return FileDescriptor{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    }

    /// Its number comes before it has the port, and when it cannot have that, it ends without a word to who started
    /// it. Whoever listens there then may be the server of another job: no connection is made to find out.
    /// Returns false: it has ended.
    Task<bool> comes_to_listen(unsigned short port, Deadline deadline) {
        for (;;) {
            if (!server_) {
                if (auto found = server_of(pid_file_)) {
                    server_ = std::move(*found);
                    if (!server_) co_return false;
                }
            } else if (listens_at(number_in(pid_file_), port)) {
                co_return true;
            } else if (!is_running(server_)) {
                co_return false;
            }
            if (deadline.passed()) throw InfrastructureError{"nbd-server does not listen; the log shows what it said"};
            co_await sleep_for(std::chrono::milliseconds{20});
        }
    }

    std::shared_ptr<fs::path> image_;
    fs::path pid_file_;  ///< set while a server runs, or is started
    FileDescriptor server_;
};

}  // namespace

ActionPtr build_deploy_nbd(const ActionBlock& block, const JobContext& job) {
    const auto board = read_board_deploy(block);
    if (board->ramdisk.given || board->nfsrootfs.given) {
        throw JobError{"deploy to nbd has no 'ramdisk' and no 'nfsrootfs'; its initial ramdisk is 'initrd'"};
    }
    const auto* root = block.parameters.find("nbdroot");
    if (!root) throw JobError{"deploy to nbd needs 'nbdroot'"};
    auto deploy = std::make_unique<NbdDeploy>(board->os);
    for (const auto* key : {"initrd", "kernel", "dtb"}) {
        const auto* map = block.parameters.find(key);
        if (map) deploy->add(make_boot_download(key, *map, block, job, deploy_name));
    }
    const auto image = std::make_shared<fs::path>();
    DownloadTarget target;
    target.deploy = deploy_name;
    target.received = [image](NamespaceState&, fs::path file) { *image = std::move(file); };
    deploy->add(make_download("nbdroot", *root, std::move(target)));
    deploy->add(make_lava_overlay_if_needed(block, job));
    if (!board->kernel_type.empty()) deploy->add(make_prepare_kernel(board, job));
    deploy->add<XnbdServerDeploy>(image);
    return deploy;
}

}  // namespace patchbay
