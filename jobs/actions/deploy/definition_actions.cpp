// SPDX-License-Identifier: Apache-2.0
// The four steps that bring one test definition into the overlay (lava_dispatcher/actions/deploy/testdef.py).
#include "jobs/actions/deploy/definition_actions.hpp"

#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/secret_environment.hpp"
#include "jobs/download/interruptible.hpp"
#include "jobs/overlay/fetch.hpp"
#include "jobs/overlay/git_source.hpp"

namespace patchbay {
namespace {

/// The four actions speak of the same definition.
struct Shared {
    DefinitionPlan plan;
    OverlayDefinition* definition = nullptr;  ///< owned by the overlay; set by the repo action
    std::filesystem::path archive;            ///< of a url, when downloaded
};
using SharedPtr = std::shared_ptr<Shared>;

class RepoAction : public Action {
public:
    RepoAction(SharedPtr shared)
        : Action{shared->plan.source.action_name(), "apply a test definition"}, shared_{std::move(shared)} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }
    bool owns_timer() const override { return true; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto& overlay = *job.state(ns()).overlay;
        const auto& source = shared_->plan.source;
        auto& definition = overlay.add_definition(source, shared_->plan.stage, job.id + "_" + level());
        shared_->definition = &definition;
        job.log.debug("Using " + overlay.settings().results_dir + " at stage " + std::to_string(shared_->plan.stage));
        co_await fetch(job, definition, deadline);
        auto load = [&overlay, &definition](const StopFlag& stop) {
            overlay.load(definition, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(load));
        job.log.debug("uuid=" + definition.uuid + " testdef=" + pattern_text(definition));
    }

    virtual Task<> fetch(JobContext&, OverlayDefinition&, Deadline) { co_return; }

    SharedPtr shared_;

private:
    static std::string pattern_text(const OverlayDefinition& definition) {
        const auto& [pattern, fixup] = std::tie(definition.definition.pattern, definition.definition.fixup);
        if (!pattern) return "None";
        config::Map inner{{"pattern", *pattern}};
        if (fixup) inner.set("fixupdict", *fixup);
        return config::python_repr(config::Value{config::Map{{"testdef_pattern", std::move(inner)}}});
    }
};

std::map<std::string, std::string> secrets_of(const JobContext& job) {
    return {job.definition.secrets.begin(), job.definition.secrets.end()};
}

class GitRepoAction final : public RepoAction {
public:
    using RepoAction::RepoAction;

    Task<> validate(JobContext& job, std::vector<std::string>&) override {
        static_cast<void>(
            git_source(shared_->plan.source.repository_text(), secrets_of(job), job.settings.allowed_file_paths));
        co_return;
    }

protected:
    Task<> fetch(JobContext& job, OverlayDefinition& definition, Deadline deadline) override {
        const auto& source = shared_->plan.source;
        const auto shown = without_credentials(source.repository_text());
        job.log.info("Fetching tests from " + shown);
        GitClone clone;
        clone.url = source.repository_text();
        clone.allowed_file_paths = job.settings.allowed_file_paths;
        clone.addresses = job.settings.addresses;
        clone.directory = job.state(ns()).overlay->host_directory(definition);
        clone.branch = source.branch;
        clone.revision = source.revision;
        clone.recursive = source.recursive;
        clone.history = source.history;
        clone.shallow = source.shallow;
        clone.secrets = secrets_of(job);
        clone.environment = secret_environment(job);
        clone.log = [&job](LogLevel at, const std::string& text) { job.log.write(at, text); };
        const auto stored = clone.directory / source.path;
        definition.commit_id = co_await clone_repository(std::move(clone), deadline);
        job.log.debug("Tests stored (tmp) in " + stored.string());
        report("commit", definition.commit_id);
        report("repository", shown);
        report("path", source.path);
    }
};

/// The download below a url-repo-action.
class ArchiveDownload final : public Action {
public:
    explicit ArchiveDownload(SharedPtr shared)
        : Action{download_action_name(shared->plan.source.repository_text()), "download a test definition"},
          shared_{std::move(shared)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        auto request = this->request();
        job.log.debug("Validating that " + request.url + " exists");
        auto context = download_context(job, ns(), job.directory);
        auto problem = co_await probe(std::move(request), context, Deadline::in(timeout()));
        if (problem) errors.push_back(std::move(*problem));
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto context = download_context(job, ns(), job.directory / ("url-repo-action-" + level()));
        const auto result = co_await download(request(), context, deadline);
        shared_->archive = result.path;
        for (const auto& [key, value] : result.info()) report(config::python_str(key), value);
    }

private:
    DownloadRequest request() const {
        const auto& source = shared_->plan.source;
        DownloadRequest request{"url_repo", source.repository_text()};
        request.compression = source.compression;
        request.headers = source.headers;
        request.placement = Placement::shared;
        return request;
    }

    SharedPtr shared_;
};

class ArchiveRetry final : public RetryAction {
public:
    explicit ArchiveRetry(SharedPtr shared) : RetryAction{"download-retry", "download a test definition"} {
        add<ArchiveDownload>(std::move(shared));
    }
};

class UrlRepoAction final : public RepoAction {
public:
    explicit UrlRepoAction(SharedPtr shared) : RepoAction{shared} { add<ArchiveRetry>(std::move(shared)); }

protected:
    bool owns_timer() const override { return false; }

    Task<> fetch(JobContext& job, OverlayDefinition& definition, Deadline deadline) override {
        const auto start = Clock::now();
        co_await Action::run(job, deadline);
        const auto folder = job.state(ns()).overlay->host_directory(definition);
        UnpackOptions options;
        options.shown = shared_->plan.source.repository_text();
        options.strip_components = shared_->plan.source.strip_components;
        bool timed_out = false;
        try {
            co_await with_deadline(deadline, name(), unpack(job, shared_->archive, folder, std::move(options)));
        } catch (const TimedOut&) {
            timed_out = true;
        }
        if (timed_out) throw_timeout(Clock::now() - start);
    }
};

/// What the three steps after the repo action report alike.
class DefinitionStep : public Action {
public:
    DefinitionStep(std::string name, std::string summary, SharedPtr shared)
        : Action{std::move(name), std::move(summary)}, shared_{std::move(shared)} {}

protected:
    void report_source() {
        const auto& source = shared_->plan.source;
        report("uuid", shared_->definition->uuid);
        report("name", source.name);
        report("path", source.path);
        report("from", std::string{source.from_text()});
        if (const auto url = source.repository_text(); !url.empty()) report("repository", without_credentials(url));
    }

    SharedPtr shared_;
};

class TestOverlay final : public DefinitionStep {
public:
    explicit TestOverlay(SharedPtr shared)
        : DefinitionStep{"test-overlay", "overlay test support files onto image", std::move(shared)} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        job.state(ns()).overlay->write_definition(*shared_->definition);
        report_source();
        co_return;
    }
};

class TestInstall final : public DefinitionStep {
public:
    explicit TestInstall(SharedPtr shared)
        : DefinitionStep{"test-install-overlay", "overlay dependency installation support files", std::move(shared)} {}

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        auto& overlay = *job.state(ns()).overlay;
        for (auto& repository : overlay.git_repos(*shared_->definition)) {
            GitClone clone;
            clone.url = repository.url;
            clone.branch = repository.branch;
            clone.allowed_file_paths = job.settings.allowed_file_paths;
            clone.addresses = job.settings.addresses;
            clone.directory = overlay.host_directory(*shared_->definition) / repository.destination;
            clone.log = [&job](LogLevel at, const std::string& text) { job.log.write(at, text); };
            const auto target = shared_->definition->directory + "/" + repository.destination;
            const auto directory = clone.directory;
            co_await clone_repository(std::move(clone), deadline);
            auto load = [&overlay, target, directory](const StopFlag& stop) {
                overlay.tree().add_host_directory(target, directory, stop);
                return true;
            };
            co_await interruptible(job.workers, std::move(load));
        }
        report_source();
        if (!overlay.write_install(*shared_->definition)) {
            report("skipped test-install-overlay", shared_->definition->uuid);
        }
    }
};

class TestRunscript final : public DefinitionStep {
public:
    explicit TestRunscript(SharedPtr shared)
        : DefinitionStep{"test-runscript-overlay", "overlay run script onto image", std::move(shared)} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        auto& overlay = *job.state(ns()).overlay;
        const auto& definition = *shared_->definition;
        job.log.debug("runner path: " + overlay.log_path(definition.directory) + " test_uuid " + definition.uuid);
        overlay.write_run(definition);
        report_source();
        report("filename", overlay.log_path(definition.directory + "/run.sh"));
        co_return;
    }
};

ActionPtr make_repo_action(const SharedPtr& shared) {
    switch (shared->plan.source.from) {
        case TestDefinitionSource::From::git:
            return std::make_unique<GitRepoAction>(shared);
        case TestDefinitionSource::From::url:
            return std::make_unique<UrlRepoAction>(shared);
        case TestDefinitionSource::From::inline_map:
            return std::make_unique<RepoAction>(shared);
    }
    throw LavaBug{"unknown kind of test definition"};
}

}  // namespace

void add_definition_actions(Action& parent, const DefinitionPlan& plan) {
    const auto shared = std::make_shared<Shared>(Shared{plan, nullptr, {}});
    parent.add(make_repo_action(shared));
    parent.add<TestOverlay>(shared);
    parent.add<TestInstall>(shared);
    parent.add<TestRunscript>(shared);
}

}  // namespace patchbay
