// SPDX-License-Identifier: Apache-2.0
// deploy: {to: downloads}: files for later deploys, which name them downloads://; a container may change them first
// (lava_dispatcher/actions/deploy/downloads.py).
#include <fstream>

#include "core/process/spawn.hpp"
#include "core/process/words.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

class Downloads final : public BoardDeployAction {
public:
    explicit Downloads(std::string os)
        : BoardDeployAction{"downloads", "download files for later deploys", std::move(os)} {}
};

class Postprocess final : public Action {
public:
    explicit Postprocess(config::Value docker)
        : Action{"download-postprocess-docker", "change downloaded files in a container"}, docker_{std::move(docker)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        if (config::string_or_empty(docker_.find("image")).empty()) {
            errors.push_back("postprocess.docker of 'downloads' needs an 'image'");
        }
        if (config::string_or_empty(docker_.find("image")).starts_with('-')) {
            errors.push_back("postprocess.docker: an image's name does not begin with '-'");
        }
        for (const auto* key : {"network_from", "devices"}) {
            if (docker_.find(key))
                errors.push_back("postprocess.docker: '" + std::string{key} + "' is not available here");
        }
        if (steps().empty()) errors.push_back("postprocess.docker of 'downloads' needs 'steps'");
        need_program("docker", "docker.io", errors);
        co_return;
    }

    Task<> cleanup(JobContext& job) override {
        if (!started_) co_return;
        started_ = false;
        // A client that was stopped leaves its container running.
        auto command = command_of({"docker", "rm", "--force", container(job)});
        co_await run_logged(job, std::move(command), Deadline::in(std::chrono::seconds{30}));
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto folder = downloads_directory(job, ns());
        co_await write_overlay(job, folder);
        write_script(job, folder);
        if (!is_local()) {
            auto pull = command_of({"docker", "pull", image()});
            const auto pulled = co_await run_logged(job, std::move(pull), deadline);
            if (pulled.exit_code != 0) throw InfrastructureError{"Unable to pull the docker image '" + image() + "'"};
        }
        started_ = true;
        std::vector<std::string> argv{
            "docker", "run", "--rm", "--init", "--name=" + container(job), "--workdir=/lava-downloads"};
        if (fs::exists("/dev/kvm")) argv.emplace_back("--device=/dev/kvm");
        argv.push_back("--mount=type=bind,source=" + folder.string() + ",destination=/lava-downloads");
        argv.push_back(image());
        argv.emplace_back("/lava-downloads/postprocess.sh");
        auto command = command_of(std::move(argv));
        const auto result = co_await run_logged(job, std::move(command), deadline);
        if (result.exit_code != 0) throw JobError{"Post-processing of downloads failed"};
        started_ = false;
    }

private:
    static Command command_of(std::vector<std::string> argv) {
        Command command;
        command.argv = std::move(argv);
        return command;
    }

    std::string image() const { return config::string_or_empty(docker_.find("image")); }
    bool is_local() const {
        const auto* local = docker_.find("local");
        return local && local->as_bool() && *local->as_bool();
    }
    std::string container(const JobContext& job) const {
        const auto name = config::string_or_empty(docker_.find("container_name"));
        return "lava-" + job.id + "-" + level() + (name.empty() ? "" : "-" + name);
    }
    std::vector<std::string> steps() const {
        std::vector<std::string> result;
        const auto* list = docker_.find("steps");
        if (!list || !list->as_list()) return result;
        for (const auto& step : *list->as_list()) result.push_back(config::python_str(step));
        return result;
    }

    Task<> write_overlay(JobContext& job, fs::path folder) {
        fs::create_directories(folder);
        const auto overlay = job.state(ns()).overlay;
        if (!overlay) co_return;
        const auto archive = folder / ("overlay-" + level() + ".tar.gz");
        auto work = [overlay, archive](const StopFlag& stop) {
            write_tar_gz(overlay->tree(), archive, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
    }

    void write_script(const JobContext& job, const fs::path& folder) const {
        std::string text = "#!/bin/sh\nexec 2>&1\nset -ex\n";
        const auto add = [&text](const std::string& name, const std::string& value) {
            text += "export " + name + "=" + quote_word(value) + "\n";
        };
        for (const auto& [name, value] : job.definition.environment)
            add(config::python_str(name), config::python_str(value));
        add("LAVA_JOB_ID", job.id);
        add("LAVA_DISPATCHER_IP", job.settings.dispatcher_ip);
        for (const auto& step : steps()) text += step + "\n";
        const auto file = folder / "postprocess.sh";
        std::ofstream out{file, std::ios::binary | std::ios::trunc};
        if (!(out << text).flush())
            throw InfrastructureError{"cannot write '" + file.string() + "'; is the disk full?"};
        fs::permissions(file, fs::perms{0755});
    }

    config::Value docker_;
    bool started_ = false;
};

}  // namespace

fs::path downloads_directory(const JobContext& job, const std::string& ns) { return job.directory / "downloads" / ns; }

ActionPtr build_deploy_downloads(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<Downloads>(config::string_or_empty(block.parameters.find("os")));
    const bool overlay = test_needs(job.definition, block.name_space).overlay;
    if (overlay) deploy->add(make_lava_overlay(block, job));
    const auto* uniquify = block.parameters.find("uniquify");
    DownloadTarget target;
    target.for_later = true;
    target.uniquify = uniquify && uniquify->as_bool() && *uniquify->as_bool();
    if (!overlay) target.make_overlay = overlay_maker(block, job);
    for (const auto& [key, map] : images_of(block)) deploy->add(make_download(key, map, target));
    const auto* postprocess = block.parameters.find("postprocess");
    if (const auto* docker = postprocess ? postprocess->find("docker") : nullptr) deploy->add<Postprocess>(*docker);
    return deploy;
}

}  // namespace patchbay
