// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/download/interruptible.hpp"

namespace patchbay {
namespace {

class DownloadAction final : public Action {
public:
    DownloadAction(DownloadRequest request, DownloadTarget target)
        : Action{download_action_name(request.url), "download a file"},
          request_{std::move(request)},
          target_{std::move(target)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.log.debug("Validating that " + request_.url + " exists");
        auto context = download_context(job, ns(), directory(job));
        auto problem = co_await probe(request_, context, Deadline::in(timeout()));
        if (problem) errors.push_back(std::move(*problem));
    }

    Task<> cleanup(JobContext& job) override {
        if (path_.empty()) co_return;
        const auto own = request_.uniquify ? path_.parent_path() : path_;
        job.log.debug("Cleaning up download directory: " + own.string());
        std::error_code ignored;
        std::filesystem::remove_all(own, ignored);
        path_.clear();
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }
    void describe_more(config::Map& map) const override { map.set("url", request_.url); }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto context = download_context(job, ns(), directory(job));
        auto result = co_await download(request_, context, deadline);
        path_ = result.path;
        for (const auto& [key, value] : result.info()) report(config::python_str(key), value);
        if (target_.received) target_.received(job.state(ns()), path_);
    }

private:
    std::filesystem::path directory(const JobContext& job) const {
        if (target_.for_later) return downloads_directory(job, ns());
        const auto top = level().substr(0, level().find('.'));
        const auto root = target_.for_tftp ? job.tftp_directory() : job.directory;
        return root / (target_.deploy + "-" + top) / target_.subfolder;
    }

    DownloadRequest request_;
    DownloadTarget target_;
    std::filesystem::path path_;
};

class DownloadRetry final : public RetryAction {
public:
    DownloadRetry() : RetryAction{"download-retry", "download a file, again if it fails"} {}
};

AppendPlan append_plan(const std::string& key, const config::Value& map) {
    AppendPlan plan;
    plan.key = key;
    plan.format = config::string_or_empty(map.find("format"));
    if (key == "ramdisk") plan.compression = config::text_or_empty(map.find("compression"));
    plan.lava = wants_lava_overlay(map);
    if (const auto* partition = map.find("partition"); partition && partition->as_int()) {
        plan.partition = static_cast<unsigned>(*partition->as_int());
    }
    if (const auto* sparse = map.find("sparse")) plan.sparse = sparse->as_bool() && *sparse->as_bool();
    return plan;
}

}  // namespace

bool wants_lava_overlay(const config::Value& map) {
    const auto* overlays = map.find("overlays");
    const auto* lava = overlays ? overlays->find("lava") : nullptr;
    return lava && lava->as_bool() && *lava->as_bool();
}

ActionPtr make_download(const std::string& key, const config::Value& map, DownloadTarget target) {
    auto request = read_download(key, map);
    request.placement = target.placement;
    request.uniquify = target.uniquify;
    const auto* overlays = map.find("overlays");
    auto retry = std::make_unique<DownloadRetry>();
    if (!overlays || !overlays->as_map()) {
        retry->add<DownloadAction>(std::move(request), std::move(target));
        return retry;
    }
    auto plan = append_plan(key, map);
    const auto image = std::make_shared<std::filesystem::path>();
    plan.image = image;
    auto noted = target;
    noted.received = [image, received = target.received](NamespaceState& state, std::filesystem::path file) {
        *image = file;
        if (received) received(state, std::move(file));
    };
    retry->add<DownloadAction>(std::move(request), std::move(noted));
    for (const auto& [name, overlay] : *overlays->as_map()) {
        if (!overlay.as_map()) continue;
        auto extra = std::make_shared<ExtraOverlay>();
        extra->name = config::python_str(name);
        extra->format = config::string_or_empty(overlay.find("format"));
        extra->path = config::string_or_empty(overlay.find("path"));
        if (extra->format == "file" && extra->path.ends_with('/')) {
            extra->path += download_file_name(read_download(extra->name, overlay));
        }
        extra->url = config::string_or_empty(overlay.find("url"));
        auto beside = target;
        beside.placement = Placement::private_copy;
        beside.received = [extra](NamespaceState&, std::filesystem::path file) { extra->file = std::move(file); };
        auto fetch = std::make_unique<DownloadRetry>();
        fetch->add<DownloadAction>(read_download(key + "." + extra->name, overlay), std::move(beside));
        retry->add(std::move(fetch));
        plan.extra.push_back(std::move(extra));
    }
    if (plan.lava && target.make_overlay) retry->add(target.make_overlay());
    retry->add(make_append_overlays(std::move(plan)));
    return retry;
}

Task<UnpackReport> unpack(JobContext& job, std::filesystem::path archive, std::filesystem::path folder,
                          UnpackOptions options) {
    options.limits.bytes = job.settings.unpack_limit;
    auto work = [archive = std::move(archive), folder = std::move(folder), options](const StopFlag& stop) {
        std::error_code error;
        std::filesystem::create_directories(folder, error);
        if (error) throw InfrastructureError{"cannot make the folder '" + folder.string() + "': " + error.message()};
        return extract_archive(archive, folder, options, stop);
    };
    co_return co_await interruptible(job.workers, std::move(work));
}

DownloadContext download_context(JobContext& job, const std::string& ns, std::filesystem::path directory) {
    DownloadContext context{job.cache, job.workers, std::move(directory)};
    context.allowed_file_paths = job.settings.allowed_file_paths;
    context.addresses = job.settings.addresses;
    context.downloads_directory = downloads_directory(job, ns);
    context.static_info = job.description.static_info;
    context.limits.bytes = job.settings.unpack_limit;
    context.log = [&job](LogLevel level, const std::string& text) { job.log.write(level, text); };
    return context;
}

}  // namespace patchbay
