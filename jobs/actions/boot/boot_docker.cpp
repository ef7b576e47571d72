// SPDX-License-Identifier: Apache-2.0
// boot: {method: docker}: starts the container that is the device (lava_dispatcher/actions/boot/docker.py).
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/container_console.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/job_words.hpp"
#include "jobs/actions/overlay_folder.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

class DockerRun final : public Action {
public:
    DockerRun() : Action{"docker-run", "start the container"} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (command().empty())
            errors.push_back("boot method docker: 'command' is missing; it says what the container runs");
        need_containers(errors);
        static_cast<void>(job_words("command", command()));
        co_return;
    }

    Task<> cleanup(JobContext& job) override {
        if (running_.empty()) co_return;
        auto& console = job.state(ns()).console;
        if (console) co_await console->close();
        console.reset();
        co_await remove_container(job, std::exchange(running_, {}));
    }

protected:
    Task<> run(JobContext& job, Deadline) override {
        auto& state = job.state(ns());
        if (state.container_image.empty()) {
            throw JobError{"boot method docker: no deploy to docker of namespace '" + ns() + "' has fetched an image"};
        }
        ContainerImage image;
        image.image = state.container_image;
        Container container{job, std::move(image), level()};
        container.terminal().option("--hostname=lava");
        if (state.overlay) {
            const auto folder = co_await write_overlay_folder(job, *state.overlay, "docker-overlay-" + level());
            const auto inside = state.overlay->settings().results_dir;
            container.mount(folder / inside.substr(1), Container::Access::write, inside);
        }
        mount_downloads(job, block(), container);
        add_limits(job, container);
        running_ = container.name();
        auto words = job_words("command", command());
        co_await open_container(job, ns(), std::move(container), std::move(words));
        job.state(ns()).console->prompts = block_prompts(block());
    }

private:
    std::string command() const { return config::string_or_empty(block().parameters.find("command")); }

    /// What the lab gives to its containers: the device's boot.methods.docker.options.
    static void add_limits(const JobContext& job, Container& container) {
        const auto* method = job.description.boot_methods.find("docker");
        const auto* options = method ? method->find("options") : nullptr;
        if (!options) return;
        const auto number = [options](std::string_view key) {
            const auto text = config::text_or_empty(options->find(key));
            return text == "0" || text == "0.0" ? std::string{} : text;
        };
        if (const auto cpus = number("cpus"); !cpus.empty()) container.option("--cpus=" + cpus);
        if (const auto memory = number("memory"); !memory.empty()) container.option("--memory=" + memory);
        const auto* privileged = options->find("privileged");
        if (privileged && privileged->as_bool() && *privileged->as_bool()) container.option("--privileged");
        const std::pair<const char*, const char*> lists[] = {{"capabilities", "--cap-add="},
                                                             {"devices", "--device="},
                                                             {"networks", "--network="},
                                                             {"volumes", "--volume="},
                                                             {"extra_arguments", ""}};
        for (const auto& [key, flag] : lists) {
            const auto* list = options->find(key);
            if (!list || !list->as_list()) continue;
            for (const auto& item : *list->as_list()) container.option(flag + config::python_str(item));
        }
    }

    std::string running_;
};

class BootDocker final : public RetryAction {
public:
    BootDocker() : RetryAction{"boot-docker", "boot docker image"} { add<DockerRun>(); }
};

}  // namespace

ActionPtr build_boot_docker(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<BootDocker>();
    const bool prompts = block.parameters.contains("prompts");
    if (prompts && test_needs(job.definition, block.name_space).shell) {
        boot->add(make_expect_shell());
        boot->add(make_export_device_env());
    }
    return boot;
}

}  // namespace patchbay
