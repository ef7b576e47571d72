// SPDX-License-Identifier: Apache-2.0
// lava-overlay: the helper scripts and test definitions that a target needs (lava_dispatcher/actions/deploy/overlay.py,
// testdef.py). The tree of actions is later LAVA's (2026), so that levels, and with them the UUIDs of tests, agree.
#include <fstream>

#include "core/whole_file.hpp"
#include "devices/capability/network.hpp"
#include "jobs/actions/deploy/definition_actions.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/device_environment.hpp"
#include "jobs/actions/host_address.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/login_key.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

/// A step that LAVA has in its tree and that has nothing to do for us.
class EmptyStep final : public Action {
public:
    EmptyStep(std::string name, std::string log) : Action{std::move(name), "nothing to do"}, log_{std::move(log)} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        if (!log_.empty()) job.log.debug(log_);
        co_return;
    }

private:
    std::string log_;
};

/// ssh-authorize: with `authorize: ssh` the lab may log in to the target without a password.
class SshAuthorize final : public Action {
public:
    SshAuthorize() : Action{"ssh-authorize", "include public key in overlay and authorize root user"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!wanted()) co_return;
        const auto key = configured_key(job);
        if (!key) {
            need_program("ssh-keygen", "openssh-client", errors);
        } else if (!std::ifstream{public_part(*key)}) {
            errors.push_back("'authorize: ssh': cannot read '" + public_part(*key).string() +
                             "'; the device's actions.deploy.methods.ssh.identity_file must name a key of this host");
        }
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        if (!wanted()) co_return;
        const auto key = co_await login_key(job, deadline);
        auto& tree = job.state(ns()).overlay->tree();
        tree.add_directory("root/.ssh", 0700);
        tree.add_file("root/.ssh/authorized_keys", read_whole_file(public_part(key)), 0600);
    }

private:
    bool wanted() const { return config::string_or_empty(block().parameters.find("authorize")) == "ssh"; }
};

Variables metadata_of(const JobContext& job) {
    Variables variables{{"LAVA_JOB_ID", job.id}};
    if (auto host = host_address_if_known(job, HostService::http); !host.empty())
        variables.emplace_back("LAVA_DISPATCHER_IP", std::move(host));
    std::string tags;
    for (const auto& tag : job.definition.tags) tags += (tags.empty() ? "" : ",") + tag;
    variables.emplace_back("LAVA_JOB_TAGS", tags);
    variables.emplace_back("LAVA_DEVICE_HOSTNAME", job.device.name());
    variables.emplace_back("LAVA_DEVICE_TYPE", job.description.device_type);
    return variables;
}

/// What tests are told of the device's network card: what its Network knows goes before LAVA's word of it.
config::Map target_interface(const JobContext& job) {
    config::Map known;
    const config::Value* target = job.description.parameters.find("interfaces");
    target = target ? target->find("target") : nullptr;
    if (target && target->as_map()) known = *target->as_map();
    if (const auto* network = job.device.find<Network>()) {
        if (const auto address = network->address()) known.set("ip", *address);
        if (const auto mac = network->mac()) known.set("mac", *mac);
    }
    return known;
}

OverlaySettings overlay_settings(const JobContext& job, const std::string& ns, const std::string& level) {
    OverlaySettings settings;
    settings.job_id = job.id;
    settings.results_dir = job.results_directory(ns);
    settings.shell = job.shell(ns);
    if (const auto* data = deployment_data(job.os_of(ns))) settings.distro = data->distro;
    settings.directory = job.directory / ("lava-overlay-" + level);
    settings.device_environment = job.description.environment;
    settings.device_info = job.description.device_info;
    settings.static_info = job.description.static_info;
    settings.storage_info = job.description.storage_info;
    settings.job_environment = job.definition.environment;
    settings.target_interface = target_interface(job);
    settings.metadata = metadata_of(job);
    for (const auto& [name, value] : job.definition.secrets) settings.secrets.emplace_back(name, value);
    for (auto& variable : device_environment(job.settings.env_dut)) settings.secrets.push_back(std::move(variable));
    if (const auto& group = job.definition.multinode) {
        settings.group_roles = group->roles;
        settings.group_role = group->role;
    }
    settings.character_delay = job.description.character_delays.test;
    return settings;
}

/// test-definition: four actions for each definition of the namespace, in the order of the file.
class TestDefinitions final : public Action {
public:
    explicit TestDefinitions(const std::vector<DefinitionPlan>& plans)
        : Action{"test-definition", "load test definitions into image"}, plans_{plans} {
        for (const auto& plan : plans) add_definition_actions(*this, plan);
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        std::vector<TestDefinitionSource> sources;
        for (const auto& plan : plans_) sources.push_back(plan.source);
        auto problems = check_test_definitions(sources);
        errors.insert(errors.end(), problems.begin(), problems.end());
        co_await Action::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        job.log.info("Loading test definitions");
        co_await Action::run(job, deadline);
        job.log.info("Creating lava-test-runner.conf files");
        job.state(ns()).overlay->write_runner_conf();
        for (const auto& definition : job.state(ns()).overlay->definitions()) job.log.debug("- " + definition.id);
    }

private:
    std::vector<DefinitionPlan> plans_;
};

class LavaOverlay final : public Action {
public:
    enum class Form { archive, folder };
    LavaOverlay(std::string action, Form form, const std::vector<DefinitionPlan>& plans, bool multinode, bool ssh,
                MoreVariables more = {})
        : Action{std::move(action), "add lava scripts during deployment for test shell use"}, more_{std::move(more)} {
        if (ssh) add<SshAuthorize>();
        // The programs come with all others; this is the place where LAVA adds them.
        add<EmptyStep>("lava-multinode-overlay", multinode ? "" : "skipped lava-multinode-overlay");
        add<TestDefinitions>(plans);
        if (form == Form::archive) add<EmptyStep>("compress-overlay", "");
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        // It may be a deploy of its own.
        if (const auto* os = block().parameters.find("os")) job.state(ns()).os = config::string_or_empty(os);
        co_await Action::validate(job, errors);
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto settings = overlay_settings(job, ns(), level());
        if (more_) {
            for (auto& [variable, value] : more_(job)) settings.job_environment.set(variable, value);
        }
        job.log.debug("[" + ns() + "] Preparing overlay tarball in " + settings.directory.string());
        auto log = [&job](LogLevel at, const std::string& text) { job.log.write(at, text); };
        job.state(ns()).overlay = std::make_shared<Overlay>(std::move(settings), log);
        co_await Action::run(job, deadline);
    }

private:
    MoreVariables more_;
};

bool knows_ssh(const JobContext& job) {
    for (const auto& [name, options] : job.description.deploy_methods) {
        if (config::python_str(name).find("ssh") != std::string::npos) return true;
    }
    return false;
}

}  // namespace

std::vector<DefinitionPlan> plan_definitions(const Definition& definition, const std::string& ns) {
    std::vector<DefinitionPlan> plans;
    int stage = 0;
    for (const auto& block : definition.actions) {
        if (!runs_from_overlay(block, ns)) continue;
        if (const auto* entries = block.parameters.find("definitions")->as_list()) {
            for (const auto& entry : *entries) plans.push_back({read_test_definition_source(entry), stage});
        }
        ++stage;
    }
    return plans;
}

ActionPtr make_lava_overlay(const ActionBlock& block, const JobContext& job, const std::string& name) {
    return std::make_unique<LavaOverlay>(name, LavaOverlay::Form::archive,
                                         plan_definitions(job.definition, block.name_space),
                                         job.definition.multinode.has_value(), knows_ssh(job));
}

ActionPtr make_container_overlay(std::string action, const ActionBlock& block, const JobContext& job,
                                 MoreVariables more) {
    return std::make_unique<LavaOverlay>(std::move(action), LavaOverlay::Form::folder,
                                         plan_definitions(job.definition, block.name_space),
                                         job.definition.multinode.has_value(), knows_ssh(job), std::move(more));
}

ActionPtr make_lava_overlay_if_needed(const ActionBlock& block, const JobContext& job) {
    if (test_needs(job.definition, block.name_space).overlay) return make_lava_overlay(block, job);
    return std::make_unique<EmptyStep>("lava-overlay", "no test needs an overlay");
}

std::function<ActionPtr()> overlay_maker(const ActionBlock& block, const JobContext& job) {
    return [&block, &job] { return make_lava_overlay(block, job, "lava-create-overlay"); };
}

}  // namespace patchbay
