// SPDX-License-Identifier: Apache-2.0
// deploy: {to: downloads}: files for later deploys, which name them downloads://; a container may change them first
// (lava_dispatcher/actions/deploy/downloads.py).
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>

#include "core/process/words.hpp"
#include "jobs/actions/container.hpp"
#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
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

/// An earlier container may have put a link there, which would be followed to any file of this host.
void write_anew(const fs::path& path, const std::string& text) {
    std::error_code gone;
    fs::remove(path, gone);
    constexpr auto only_new = "wxe";  // x: O_EXCL, which follows no link
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), only_new), &std::fclose};
    if (file && std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() && std::fflush(file.get()) == 0)
        return;
    throw InfrastructureError{"cannot write '" + path.string() + "': " + std::strerror(errno) + "; is the disk full?"};
}

class Postprocess final : public Action {
public:
    explicit Postprocess(config::Value docker)
        : Action{"download-postprocess-docker", "change downloaded files in a container"}, docker_{std::move(docker)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        static_cast<void>(read_container(&docker_, errors));
        for (const auto* key : {"network_from", "devices"}) {
            if (docker_.find(key))
                errors.push_back("postprocess.docker: '" + std::string{key} + "' is not available here");
        }
        if (steps().empty()) errors.push_back("postprocess.docker of 'downloads' needs 'steps'");
        need_containers(errors);
        co_return;
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto folder = downloads_directory(job, ns());
        co_await write_overlay(job, folder);
        write_script(job, folder);
        std::vector<std::string> mistakes;
        auto image = *read_container(&docker_, mistakes);
        co_await fetch_image(job, image, deadline);
        co_await and_finally(run_steps(job, image, folder, deadline), give_back_files(job, image, folder));
    }

private:
    Task<> run_steps(JobContext& job, ContainerImage image, fs::path folder, Deadline deadline) {
        Container container{job, std::move(image), level()};
        container.option("--workdir=/lava-downloads");
        if (fs::exists("/dev/kvm")) container.option("--device=/dev/kvm");
        container.mount(folder, Container::Access::write, "/lava-downloads");
        std::vector<std::string> script{"/lava-downloads/postprocess.sh"};
        const auto result = co_await run_container(job, std::move(container), std::move(script), deadline);
        if (result.exit_code != 0) throw JobError{"Post-processing of downloads failed"};
    }

    /// What the container's root has written could not be removed by anybody else.
    Task<> give_back_files(JobContext& job, ContainerImage image, fs::path folder) {
        if (::geteuid() == 0) co_return;
        Container container{job, std::move(image), level()};
        container.mount(folder, Container::Access::write, "/lava-downloads");
        std::vector<std::string> chown{"chown", "-R", std::to_string(::geteuid()), "/lava-downloads"};
        try {
            co_await run_container(job, std::move(container), std::move(chown), Deadline::in(std::chrono::seconds{30}));
        } catch (const std::exception& error) {
            job.log.warning("files of the container stay on this host: " + std::string{error.what()});
        }
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
        add("LAVA_DISPATCHER_IP", host_address_if_known(job, HostService::http));
        for (const auto& step : steps()) text += step + "\n";
        const auto file = folder / "postprocess.sh";
        write_anew(file, text);
        fs::permissions(file, fs::perms{0755});
    }

    config::Value docker_;
};

}  // namespace

fs::path downloads_directory(const JobContext& job, const std::string& ns) {
    check_namespace(ns);
    return job.directory / "downloads" / ns;
}

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
