// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/leftover_containers.hpp"

#include <sstream>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "core/whole_file.hpp"
#include "jobs/actions/container.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// docker waits ten seconds before it kills; a busy host takes its time.
constexpr auto patience = 30s;

fs::path note_of(const fs::path& state_dir, const std::string& device) { return state_dir / "containers" / device; }

Task<std::string> ask(std::vector<std::string> argv, std::string device) {
    Command command;
    command.argv = std::move(argv);
    const auto output = co_await capture_command(std::move(command), Deadline::in(patience));
    if (output.exit_code != 0) {
        throw InfrastructureError{"containers of an earlier job of device " + device +
                                  " may still run: " + output.text};
    }
    co_return output.text;
}

}  // namespace

std::string container_label(const std::string& device) { return "--label=patchbay.device=" + device; }

void note_containers(const fs::path& state_dir, const std::string& device) {
    if (state_dir.empty()) return;  // of a job that is run by hand
    const auto note = note_of(state_dir, device);
    std::error_code failed;
    fs::create_directories(note.parent_path(), failed);
    if (failed) throw InfrastructureError{"cannot make the folder " + note.parent_path().string()};
    write_whole_file(note, "docker ps --all --filter label=patchbay.device=" + device + "\n");
}

Task<> remove_leftover_containers(fs::path state_dir, std::string device) {
    const auto note = note_of(state_dir, device);
    if (state_dir.empty() || !fs::exists(note)) co_return;
    const auto program = container_program();
    if (program.empty()) co_return;
    std::vector<std::string> list{program, "ps", "--all", "--quiet", "--filter", "label=patchbay.device=" + device};
    const auto output = co_await ask(std::move(list), device);
    std::vector<std::string> remove{program, "rm", "--force"};
    const auto words = remove.size();
    std::istringstream ids{output};
    for (std::string id; ids >> id;) remove.push_back(id);
    if (remove.size() > words) co_await ask(std::move(remove), device);
    std::error_code gone;
    fs::remove(note, gone);
}

}  // namespace patchbay
