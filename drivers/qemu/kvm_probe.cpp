// SPDX-License-Identifier: Apache-2.0
#include "drivers/qemu/kvm_probe.hpp"

#include <spdlog/spdlog.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <optional>

#include "core/process/run_command.hpp"
#include "drivers/qemu/probe_guest.hpp"
#include "drivers/qemu/state_file.hpp"

namespace patchbay {
namespace {

constexpr std::string_view works = "works";
constexpr std::string_view broken = "broken";
constexpr std::string_view unclear = "unclear ";  // and when, in seconds of the Unix epoch
constexpr long long unclear_seconds = 60;

std::string boot_id() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    std::getline(file, id);
    return id;
}

bool same_architecture(const std::string& guest) {
    utsname host{};
    ::uname(&host);
    const std::string machine{host.machine};
    return guest == machine || (machine == "x86_64" && guest == "i386");
}

long long unix_seconds() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::optional<bool> remembered(const StateFile& state, const std::string& key) {
    const auto verdict = state.get(key);
    if (!verdict) return std::nullopt;
    if (*verdict == works) return true;
    if (!verdict->starts_with(unclear)) return false;
    long long when = 0;
    std::from_chars(verdict->data() + unclear.size(), verdict->data() + verdict->size(), when);
    const auto age = unix_seconds() - when;
    if (age >= 0 && age < unclear_seconds) return false;
    return std::nullopt;
}

}  // namespace

Task<bool> probe_guest_runs(std::string program_path, std::string architecture, std::string accelerator,
                            Clock::duration patience) {
    const auto guest = make_probe_guest(architecture);
    if (!guest) co_return false;
    Command command;
    command.argv = guest->arguments;
    command.argv.insert(command.argv.begin(), {program_path, "-accel", accelerator});
    command.die_with_parent = DieWithParent::yes;
    command.keep_open = {guest->image.get()};
    try {
        OnLine nobody;
        const auto result = co_await run_command(std::move(command), std::move(nobody), Deadline::in(patience));
        co_return result.exit_code == guest->success;
    } catch (const TimedOut&) {
        co_return false;
    } catch (const InfrastructureError& error) {
        spdlog::warn("kvm could not be tried program={} error={}", program_path, error.what());
        co_return false;
    }
}

Task<bool> kvm_works(std::string program_path, std::string architecture, DriverContext context, KvmProbe probe) {
    if (!same_architecture(architecture) || !make_probe_guest(architecture)) co_return false;
    if (::access(probe.device.c_str(), R_OK | W_OK) != 0) co_return false;

    const StateFile state{StateFile::folder_or_default(context.state_folder), "kvm-verdict"};
    const auto key =
        boot_id() + " " + program_path + " " + file_identity(program_path) + " " + file_identity(probe.device);
    if (const auto known = remembered(state, key)) co_return *known;
    const auto lock = co_await state.lock();
    if (const auto known = remembered(state, key)) co_return *known;

    const bool runs = co_await probe_guest_runs(program_path, architecture, "kvm", probe.patience);
    bool fair = runs;
    if (!runs) fair = co_await probe_guest_runs(program_path, architecture, "tcg", probe.patience);
    const auto verdict = runs   ? std::string{works}
                         : fair ? std::string{broken}
                                : std::string{unclear} + std::to_string(unix_seconds());
    spdlog::info("kvm probed program={} verdict={}", program_path,
                 runs   ? "works"
                 : fair ? "does not run guests, using tcg"
                        : "too busy to tell, using tcg for a minute");
    state.put(key, verdict);
    co_return runs;
}

}  // namespace patchbay
