// SPDX-License-Identifier: Apache-2.0
#pragma once
// Programs of a job in containers: the key `docker` of a block (lava_dispatcher/utils/docker.py). `docker` is called as
// a program, or `podman` where there is no docker: it takes the same arguments.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/config/value.hpp"
#include "core/deadline.hpp"
#include "core/process/run_command.hpp"
#include "core/task.hpp"

namespace patchbay {

struct ActionBlock;
struct JobContext;

/// `docker: {image, local, container_name, network_from, login}`.
struct ContainerImage {
    std::string image;
    bool local = false;  ///< not pulled when this host has it
    std::string container_name;
    std::string network_from;              ///< a container_name of this job, whose network is used
    std::string registry, user, password;  ///< of `login`; the user may be empty
};
/// nullopt without the key. Mistakes are added to `errors`.
std::optional<ContainerImage> read_container(const config::Value* docker, std::vector<std::string>& errors);

/// "docker" or "podman"; empty: this host has neither.
std::string container_program();
/// Adds an error where this host can run none.
void need_containers(std::vector<std::string>& errors);

/// Is this the name of an image, which no program takes for an option?
bool is_image_name(const std::string& text);

/// One run of a container.
class Container {
public:
    /// `number`: of the action that runs it; the container is called "lava-<job>-<number>" unless the job names it.
    Container(const JobContext& job, ContainerImage image, const std::string& number);

    /// Before the image on the command line: "--device=/dev/kvm".
    Container& option(std::string text);
    /// A folder or file of this host, at the same place inside unless `inside` says another.
    /// Throws: JobError, a path holds what would become another part of the option.
    enum class Access { read, write };
    Container& mount(const std::filesystem::path& path, Access access, std::string inside = {});
    /// With a terminal, which the one who runs it has.
    Container& terminal();

    const std::string& name() const { return name_; }
    /// For the program that runs it: where a job that logs in has its login.
    const std::map<std::string, std::string>& environment() const { return environment_; }
    /// The whole line: it runs `argv` and vanishes.
    std::vector<std::string> run(const std::vector<std::string>& argv) const;

private:
    ContainerImage image_;
    std::string name_, label_;
    std::map<std::string, std::string> environment_;
    std::vector<std::string> global_options_, options_, device_options_;
};

/// What the deploy to downloads has fetched, of the namespace that the block names (`downloads-namespace`) or its own,
/// is /lava-downloads of the container.
void mount_downloads(const JobContext& job, const ActionBlock& block, Container& container);

/// Logs in where the job says so, for this job alone, and pulls the image unless it is local and here.
/// Throws: InfrastructureError.
Task<> fetch_image(JobContext& job, ContainerImage image, Deadline deadline);

/// Runs a program in the container, logged. The container is gone afterwards, also when the program is stopped.
/// Throws: TimedOut, InfrastructureError.
Task<CommandOutput> run_container(JobContext& job, Container container, std::vector<std::string> argv,
                                  Deadline deadline);

/// Stops and removes it, if it is still there: the program that started it may have been killed. Never throws.
Task<> remove_container(JobContext& job, std::string name);

}  // namespace patchbay
