// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_template.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/errors.hpp"
#include "devices/qemu_arguments.hpp"
#include "devices/qemu_variables.hpp"
#include "devices/rendered_defaults.hpp"

namespace patchbay {
namespace {

using config::List;
using config::Map;
using config::Value;

/// One guest architecture: LAVA's word, QEMU's word, and what its machines need (LAVA's qemu.jinja2).
struct Architecture {
    std::string_view name;
    std::string_view program;  // qemu-system-<program>
    std::string_view machine;  // "" = QEMU's own default
    std::string_view cpu;
    std::string_view drive;  // interface of the test overlay's disk
    std::string_view console;
    std::string_view root;
};

constexpr std::array architectures{
    Architecture{"x86_64", "x86_64", "", "", "ide", "ttyS0,115200", "/dev/sda1"},
    Architecture{"amd64", "x86_64", "", "", "ide", "ttyS0,115200", "/dev/sda1"},
    Architecture{"i386", "i386", "pc", "core2duo", "ide", "ttyS0,115200", "/dev/sda1"},
    Architecture{"arm64", "aarch64", "virt", "cortex-a57", "virtio", "ttyAMA0 115200", "/dev/vda2"},
    Architecture{"aarch64", "aarch64", "virt", "cortex-a57", "virtio", "ttyAMA0 115200", "/dev/vda2"},
    // LAVA's template has cortex-a57 here, which is no 32-bit processor and never starts.
    Architecture{"arm", "arm", "virt", "cortex-a15", "virtio", "ttyAMA0 115200", "/dev/vda2"},
    Architecture{"riscv64", "riscv64", "virt", "rv64", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"riscv32", "riscv32", "virt", "rv32", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"mips", "mips", "malta", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"mipsel", "mipsel", "malta", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"mips64", "mips64", "malta", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"mips64el", "mips64el", "malta", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"ppc", "ppc", "g3beige", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"ppc64", "ppc64", "pseries", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"ppc64le", "ppc64", "pseries", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"s390x", "s390x", "", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"sparc", "sparc", "SS-5", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"sparc64", "sparc64", "sun4u", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"hppa", "hppa", "hppa", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"m68k", "m68k", "mcf5208evb", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"nios2", "nios2", "10m50-ghrd", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"xtensa", "xtensa", "sim", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"sh4", "sh4", "", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"microblaze", "microblaze", "", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"or1k", "or1k", "", "", "virtio", "ttyS0,115200", "/dev/sda1"},
    Architecture{"alpha", "alpha", "", "", "virtio", "ttyS0,115200", "/dev/sda1"},
};

/// What a job's context may set (LAVA device configuration, job context); other names there belong to other devices.
constexpr std::array from_context{
    "arch",
    "cpu",
    "machine",
    "memory",
    "model",
    "netdevice",
    "serial",
    "vga",
    "no_kvm",
    "no_network",
    "guestfs_size",
    "guestfs_interface",
    "guestfs_driveid",
    "boot_console",
    "boot_root",
    "extra_options",
    "monitor",
    "boot_retry",
    "failure_retry",
    "kernel_start_message",
    "lava_test_results_dir",
    "deploy_character_delay",
    "boot_character_delay",
    "test_character_delay",
    "console_device",
    "extra_nfsroot_args",
};

bool is_true(const Value* value) {
    if (value == nullptr) return false;
    if (const auto* flag = value->as_bool()) return *flag;
    const auto text = config::python_str(*value);
    return text == "true" || text == "True" || text == "yes" || text == "1";
}

/// The device's variables with the job's on top, and what came from the job.
struct Merged {
    Map all;
    Map job;
    bool trusted = false;

    std::string text(std::string_view name, std::string_view fallback = {}) const {
        const auto* value = all.find(name);
        return value == nullptr || value->is_null() ? std::string{fallback} : config::python_str(*value);
    }
    bool flag(std::string_view name) const { return is_true(all.find(name)); }
};

Merged merge(const Map& variables, const Map& context) {
    Merged merged;
    merged.all = variables;
    merged.trusted = is_true(variables.find("trusted_jobs"));
    std::vector<std::string> fixed;
    if (const auto* list = variables.find("fixed")) {
        if (const auto* names = list->as_list()) {
            for (const auto& name : *names) fixed.push_back(config::python_str(name));
        }
    }
    for (const std::string_view name : from_context) {
        const auto* value = context.find(name);
        if (value == nullptr || std::find(fixed.begin(), fixed.end(), name) != fixed.end()) continue;
        // A machine that has an architecture keeps it: its tags and its type promise it to the scheduler.
        if (name == "arch" && variables.contains("arch")) continue;
        merged.all.set(std::string{name}, *value);
        merged.job.set(std::string{name}, *value);
    }
    return merged;
}

const Architecture& architecture_of(const Merged& merged, const std::string& name) {
    const auto wanted = merged.text("arch", "x86_64");
    const auto found = std::find_if(architectures.begin(), architectures.end(),
                                    [&wanted](const auto& each) { return each.name == wanted; });
    if (found != architectures.end()) return *found;
    std::string known;
    for (const auto& each : architectures) known += (known.empty() ? "" : ", ") + std::string{each.name};
    const auto text = "device " + name + ": unknown architecture '" + wanted + "'; known: " + known;
    if (merged.job.contains("arch")) throw JobError{text};
    throw ConfigurationError{text};
}

/// A word that a job fills in must stay one word of one option.
std::string one_word(const Merged& merged, const std::string& name, const std::string& value) {
    const bool bad = value.find_first_of(" \t\r\n'\"\\") != std::string::npos || value.starts_with('-');
    if (bad && merged.job.contains(name) && !merged.trusted) {
        throw JobError{"the job's context sets " + name + " to '" + value +
                       "', which is more than one word; put further "
                       "options into extra_options"};
    }
    return value;
}

class Options {
public:
    Options(const Merged& merged, const std::filesystem::path& folder) : merged_{merged}, folder_{folder} {}

    /// `-option value`; what a job chose in `variable` is checked.
    void add(std::string_view option, const std::string& variable, const std::string& value) {
        if (value.empty()) return;
        const auto word = one_word(merged_, variable, value);
        if (merged_.job.contains(variable) && !merged_.trusted) check_qemu_value(option, word, folder_);
        list_.emplace_back("-" + std::string{option} + " " + word);
    }

    /// A whole option as a variable has it: `serial: '-serial mon:stdio'`.
    void add_whole(const std::string& variable) {
        auto text = merged_.text(variable);
        if (text.empty()) return;
        if (merged_.job.contains(variable) && !merged_.trusted) {
            text = check_job_pieces({text}, folder_).front();
        }
        list_.emplace_back(text);
    }

    void add_plain(std::string text) { list_.emplace_back(std::move(text)); }
    List take() { return std::move(list_); }

private:
    const Merged& merged_;
    const std::filesystem::path& folder_;
    List list_;
};

void add_network(const Merged& merged, const std::filesystem::path& folder, Options& options) {
    if (merged.flag("no_network")) return options.add_plain("-net none");
    const auto model = one_word(merged, "model", merged.text("model", "model=virtio"));
    const auto back = one_word(merged, "netdevice", merged.text("netdevice", "user"));
    const auto front = "nic," + model + ",macaddr=" + merged.text("mac_addr", "52:54:00:12:34:58");
    if (!merged.trusted) {
        if (merged.job.contains("model")) check_qemu_value("net", front, folder);
        if (merged.job.contains("netdevice")) check_qemu_value("net", back, folder);
    }
    options.add_plain("-net " + front + " -net " + back);
}

List render_options(const Merged& merged, const Architecture& arch, const std::filesystem::path& folder) {
    Options options{merged, folder};
    options.add("cpu", "cpu", merged.text("cpu", arch.cpu));
    options.add("machine", "machine", merged.text("machine", arch.machine));
    options.add_whole("vga");
    options.add_whole("serial");
    options.add_plain("-nographic");
    add_network(merged, folder, options);
    options.add("m", "memory", merged.text("memory", "512"));
    options.add("monitor", "monitor", merged.text("monitor", "none"));
    return options.take();
}

/// The device's own extra options, then the job's, which are checked.
List render_extra(const Map& variables, const Merged& merged, const std::filesystem::path& folder) {
    List extra;
    const auto append = [&extra](const Value* value) {
        if (value == nullptr || value->is_null()) return;
        if (const auto* list = value->as_list()) {
            for (const auto& each : *list) extra.emplace_back(config::python_str(each));
        } else {
            extra.emplace_back(config::python_str(*value));
        }
    };
    const auto* job = merged.job.find("extra_options");
    append(variables.find("extra_options"));
    if (job == nullptr) return extra;
    const auto own = extra.size();
    append(job);
    if (merged.trusted) return extra;
    std::vector<std::string> pieces;
    for (std::size_t i = own; i < extra.size(); ++i) pieces.push_back(*extra[i].as_string());
    extra.resize(own);
    for (const auto& word : check_job_pieces(pieces, folder)) extra.emplace_back(word);
    return extra;
}

}  // namespace

Map render_qemu(const Map& variables, const Map& context, const std::string& name, const std::string& device_type,
                const std::filesystem::path& job_folder) {
    const auto merged = merge(variables, context);
    const auto& arch = architecture_of(merged, name);
    if (const auto memory = merged.text("memory", "512");
        merged.job.contains("memory") && !merged.trusted && !is_qemu_memory(memory)) {
        throw JobError{"the job's context sets memory to '" + memory + "'; write a size: 512, 2G"};
    }

    Map boot_parameters{{"command", merged.text("program", "qemu-system-" + std::string{arch.program})},
                        {"boot_options", Map{{"root", merged.text("boot_root", arch.root)},
                                             {"console", merged.text("boot_console", arch.console)},
                                             {"boot_order", "c"}}},
                        {"options", render_options(merged, arch, job_folder)}};
    if (auto extra = render_extra(variables, merged, job_folder); !extra.empty())
        boot_parameters.set("extra", std::move(extra));
    auto nfs_parameters = boot_parameters;
    nfs_parameters.set("append", Map{{"console", merged.text("console_device", "ttyAMA0")},
                                     {"root", "/dev/nfs"},
                                     {"nfsrootargs", "nfsroot={NFS_SERVER_IP}:{NFSROOTFS},tcp,hard" +
                                                         merged.text("extra_nfsroot_args")},
                                     {"ipargs", "ip=dhcp"}});
    const Map guest{{"size", merged.all.contains("guestfs_size") ? *merged.all.find("guestfs_size") : Value{512}},
                    {"interface", merged.text("guestfs_interface", arch.drive)},
                    {"driveid", merged.text("guestfs_driveid", "lavatest")}};

    Map deploy{{"connections", Map{{"serial", nullptr}}},
               {"methods", Map{{"nfs", nullptr}, {"image", Map{{"parameters", Map{{"guest", guest}}}}}}}};
    Map boot{{"connections", Map{{"serial", nullptr}, {"ssh", nullptr}}},
             {"methods", Map{{"minimal", nullptr},
                             {"qemu", Map{{"parameters", boot_parameters}}},
                             {"qemu-nfs", Map{{"parameters", nfs_parameters}}}}}};
    const Map docker{{"global_options", List{}}, {"options", List{}}};

    Map device{{"hostname", name}, {"devicetype", device_type}};
    // A machine whose lab gave it an architecture is that; any other one is what the job's context says.
    List offered;
    for (const auto& each : architectures) {
        if (!variables.contains("arch") || each.program == arch.program) offered.emplace_back(each.name);
    }
    device.set("available_architectures", std::move(offered));
    if (auto delays = character_delays(merged.all); !delays.empty()) device.set("character_delays", std::move(delays));
    device.set("constants", default_constants(merged.all));
    device.set("parameters", Map{{"pass", nullptr}});
    device.set("actions", Map{{"deploy", deploy}, {"boot", boot}, {"test", Map{{"methods", Map{{"docker", docker}}}}}});
    device.set("timeouts", default_timeouts(merged.all));
    if (const auto* users = variables.find("user_commands")) device.set("commands", Map{{"users", *users}});
    for (const auto* key : {"environment", "device_info", "static_info", "storage_info"}) {
        if (const auto* value = variables.find(key)) device.set(key, *value);
    }
    device.set("driver", "qemu");
    device.set("driver_options", Map{{"accel", merged.flag("no_kvm") ? "tcg" : merged.text("accel", "auto")},
                                     {"trusted_jobs", merged.trusted}});
    return device;
}

}  // namespace patchbay
