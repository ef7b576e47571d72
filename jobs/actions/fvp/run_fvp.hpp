// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/task_group.hpp"
#include "devices/program_console.hpp"
#include "jobs/actions/action.hpp"
#include "jobs/actions/container.hpp"
#include "jobs/console/session.hpp"

namespace patchbay {

/// `docker: {name, local, container_name}` of a boot with fvp: the image is called `name` there.
std::optional<ContainerImage> model_image(const ActionBlock& block, std::vector<std::string>& errors);
/// Is the console a TCP port of the model, or what the model itself prints?
bool uses_telnet(const ActionBlock& block);

/// run-fvp: the model runs in a container until the job ends. What it prints, and the ports that nobody waits for, are
/// read all the time: a model stops when its output is full.
class RunFvp final : public Action {
public:
    RunFvp();
    ~RunFvp() override;

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override;
    Task<> cleanup(JobContext& job) override;

    /// A program in the container of the running model, with a terminal.
    std::vector<std::string> inside(const std::vector<std::string>& argv) const;
    /// The port of the console.
    const std::string& console_port() const { return console_port_; }
    /// Where the container has a file of this host.
    std::string place_of(const std::filesystem::path& file) const;

protected:
    Task<> run(JobContext& job, Deadline deadline) override;

private:
    struct Port;
    struct Reader;

    void write_script(JobContext& job, Container& container) const;
    Task<Reader*> add_reader(JobContext& job, std::vector<std::string> argv, std::string ns,
                             std::map<std::string, std::string> environment = {});
    Task<std::vector<Port>> wait_for_ports(ConsoleSession& session, Deadline deadline);
    static Task<> follow(Reader& reader);

    std::unique_ptr<TaskGroup> pumps_;
    std::vector<std::unique_ptr<Reader>> readers_;
    std::string container_, console_port_;
};

}  // namespace patchbay
