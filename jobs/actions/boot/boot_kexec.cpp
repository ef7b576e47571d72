// SPDX-License-Identifier: Apache-2.0
// boot: {method: kexec}: the running system starts another kernel (lava_dispatcher/actions/boot/kexec.py).
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/boot/run_on_target.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/overlay/file_server.hpp"

namespace patchbay {
namespace {

class CallKexec final : public Action {
public:
    CallKexec() : Action{"call-kexec", "call kexec with specified arguments"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (text("boot_message").empty()) errors.push_back("Missing boot_message parameter");
        if (is_set(block(), "deploy", false)) need_host_address(job, HostService::http, errors);
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& console = job.console(block());
        if (is_set(block(), "deploy", false)) co_await fetch_all(job, console, deadline);
        if (const auto config = text("kernel-config"); !config.empty()) {
            const auto check = "zgrep -i kexec " + config + " |grep -v '^#'";
            co_await console.command(check, deadline.at_most(connection_timeout()));
        }
        co_await console.command(load_line(), deadline.at_most(connection_timeout()));
        const auto start = is_set(block(), "on_panic", false) ? "echo c > /proc/sysrq-trigger" : program() + " -e";
        co_await console.send_line(start);
        const auto started = PatternSet::of({text("boot_message")});
        co_await console.wait(started, deadline.at_most(connection_timeout()));
    }

private:
    std::string text(std::string_view key) const { return config::text_or_empty(block().parameters.find(key)); }

    std::string program() const {
        const auto own = text("command");
        return own.empty() ? "/sbin/kexec" : own;
    }

    std::string kernel() const { return text("kernel").empty() ? "/home/vmlinux" : text("kernel"); }

    /// The running system fetches what a deploy of the namespace has fetched, to where kexec is told to find it.
    Task<> fetch_all(JobContext& job, ConsoleSession& console, Deadline deadline) {
        const auto files = job.state(ns()).boot.files;
        const auto find = [&](std::initializer_list<const char*> keys) {
            for (const auto* key : keys) {
                if (const auto found = files.find(std::string_view{key}); found != files.end()) return found->second;
            }
            throw JobError{"kexec: no deploy of namespace '" + ns() + "' has fetched a '" + *keys.begin() +
                           "' for 'deploy: true'; add one before this boot, such as 'to: tftp'"};
        };
        std::vector<std::pair<std::filesystem::path, std::string>> wanted;
        wanted.emplace_back(find({"kernel"}), kernel());
        if (!text("initrd").empty()) wanted.emplace_back(find({"initrd", "ramdisk"}), text("initrd"));
        if (!text("dtb").empty()) wanted.emplace_back(find({"dtb"}), text("dtb"));
        for (const auto& [file, to] : wanted) co_await fetch(job, console, file, to, deadline);
    }

    Task<> fetch(JobContext& job, ConsoleSession& console, std::filesystem::path file, std::string to,
                 Deadline deadline) {
        FileServer server{co_await asio::this_coro::executor, std::move(file)};
        co_await and_finally(fetch_from(job, console, server, std::move(to), deadline), server.stop());
    }

    /// `server` lives as long as this is awaited.
    Task<> fetch_from(JobContext& job, ConsoleSession& console, FileServer& server, std::string to, Deadline deadline) {
        const auto host = host_address(job, HostService::http);
        const auto url = "http://" + host + ":" + std::to_string(server.port()) + server.path();
        const auto line = "wget " + url + " -O " + to;
        const int code = co_await run_on_target(console, name(), line, deadline.at_most(connection_timeout()));
        if (code == 0 && server.delivered()) co_return;
        throw InfrastructureError{failure_on_target(name(), line, code) +
                                  "; the console shows what it said: has the running system wget and room for the "
                                  "file, and does it reach that address?"};
    }

    std::string load_line() const {
        auto line = program() + (is_set(block(), "on_panic", false) ? " --load-panic " : " --load ") + kernel();
        if (const auto dtb = text("dtb"); !dtb.empty()) line += " --dtb " + dtb;
        if (const auto initrd = text("initrd"); !initrd.empty()) line += " --initrd " + initrd;
        for (const auto& option : texts_of(block().parameters.find("options"))) line += " " + option;
        return line;
    }
};

class KexecBoot final : public RetryAction {
public:
    explicit KexecBoot(const ActionBlock& block)
        : RetryAction{"kexec-boot", "kexec a new kernel and wait for its shell"} {
        add<CallKexec>();
        add(make_auto_login());
        add(make_expect_shell());
        if (block.parameters.contains("transfer_overlay")) add(make_overlay_unpack());
        add(make_export_device_env());
    }
};

}  // namespace

ActionPtr build_boot_kexec(const ActionBlock& block, const JobContext&) { return std::make_unique<KexecBoot>(block); }

}  // namespace patchbay
