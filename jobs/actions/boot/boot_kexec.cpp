// SPDX-License-Identifier: Apache-2.0
// boot: {method: kexec}: the running system starts another kernel (lava_dispatcher/actions/boot/kexec.py).
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class CallKexec final : public Action {
public:
    CallKexec() : Action{"call-kexec", "call kexec with specified arguments"} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (text("boot_message").empty()) errors.push_back("Missing boot_message parameter");
        if (is_set(block(), "deploy", false)) {
            errors.push_back(
                "kexec: 'deploy' is not available here; put kernel, dtb and initrd into the image that runs, and name "
                "their paths");
        }
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& console = job.console(block());
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

    std::string load_line() const {
        auto line = program() + (is_set(block(), "on_panic", false) ? " --load-panic " : " --load ") +
                    (text("kernel").empty() ? "/home/vmlinux" : text("kernel"));
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
