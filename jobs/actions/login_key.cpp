// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/login_key.hpp"

#include <stdlib.h>

#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

/// Two runners may make it at once: each makes a whole folder, and the first that is there stays.
Task<> make_key(JobContext& job, fs::path folder, Deadline deadline) {
    std::error_code failed;
    fs::create_directories(folder.parent_path(), failed);
    auto draft = folder.string() + "-XXXXXX";
    if (failed || !::mkdtemp(draft.data())) {
        throw InfrastructureError{"cannot make a folder for the lab's ssh key in " + folder.parent_path().string() +
                                  "; make 'state_dir' of lab.yaml writable"};
    }
    Command command;
    command.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "patchbay", "-f", draft + "/id"};
    co_await run_program(job, std::move(command), deadline);
    fs::rename(draft, folder, failed);
    if (!fs::exists(folder / "id")) {
        throw InfrastructureError{"cannot put the lab's ssh key into " + folder.string() + ": " + failed.message()};
    }
    if (failed) fs::remove_all(draft, failed);
}

}  // namespace

std::optional<fs::path> configured_key(const JobContext& job) {
    const auto* ssh = job.description.deploy_methods.find("ssh");
    const fs::path key{config::string_or_empty(ssh ? ssh->find("identity_file") : nullptr)};
    if (key.is_absolute()) return key;
    return std::nullopt;
}

Task<fs::path> login_key(JobContext& job, Deadline deadline) {
    auto key = configured_key(job);
    if (key) co_return std::move(*key);
    const auto folder = job.settings.state_dir / "ssh";
    if (!fs::exists(folder / "id")) co_await make_key(job, folder, deadline);
    co_return folder / "id";
}

fs::path public_part(const fs::path& key) { return key.string() + ".pub"; }

}  // namespace patchbay
