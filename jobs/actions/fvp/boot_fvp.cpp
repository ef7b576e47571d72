// SPDX-License-Identifier: Apache-2.0
// boot: {method: fvp}: a model of Arm runs in a container; its serial ports are TCP ports there
// (lava_dispatcher/actions/boot/fvp.py).
#include <algorithm>

#include "core/process/words.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/fvp/run_fvp.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/job_words.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

/// Asks the model itself: results tell with which one they came about.
class CheckVersion final : public Action {
public:
    CheckVersion() : Action{"check-fvp-version", "check the version of the model"} {}

    Task<> validate(JobContext&, std::vector<std::string>&) override {
        static_cast<void>(version_words());
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        std::vector<std::string> errors;
        auto image = *model_image(block(), errors);
        co_await fetch_image(job, image, deadline);
        auto words = version_words();
        words.insert(words.begin(), config::text_or_empty(block().parameters.find("image")));
        Container container{job, std::move(image), level()};
        const auto output = co_await run_container(job, std::move(container), std::move(words), deadline);
        auto expression = config::text_or_empty(block().parameters.find("version_string"));
        if (expression.empty()) expression = "Fast Models[^\\n]+";
        Matcher matcher;
        matcher.feed(output.text);
        const std::vector<std::string> expressions{expression};
        const auto match = matcher.search(PatternSet::of(expressions));
        if (!match) throw JobError{"the model did not print its version: nothing fits '" + expression + "'"};
        report("fvp-version", match->text);
    }

private:
    std::vector<std::string> version_words() const {
        const auto option = config::text_or_empty(block().parameters.find("version_args"));
        return job_words("version_args", option.empty() ? "--version" : option);
    }
};

/// A program in the container of the model becomes the console of the block.
class FvpConsole : public Action {
public:
    FvpConsole(std::string name, std::string summary, const RunFvp& model)
        : Action{std::move(name), std::move(summary)}, model_{model} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> open(JobContext& job, std::vector<std::string> argv) {
        Command command;
        command.argv = model_.inside(argv);
        const auto shown = join_words(command.argv);
        job.log.info("[" + ns() + "] " + name() + " Connecting to device using '" + shown + "'");
        job.log.flush();
        auto& state = job.state(ns());
        if (state.console) co_await state.console->close();
        auto program = std::make_unique<ProgramConsole>(co_await asio::this_coro::executor, std::move(command),
                                                        "the model", shown);
        co_await program->open();
        job.attach_program(ns(), std::move(program)).prompts = block_prompts(block());
    }

    const RunFvp& model_;
};

class SerialConnect final : public FvpConsole {
public:
    explicit SerialConnect(const RunFvp& model)
        : FvpConsole{"fvp-serial-connect", "connect to the console of the model", model} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        std::vector<std::string> telnet{"telnet", "localhost", model_.console_port()};
        co_await open(job, std::move(telnet));
    }
};

/// An image that is a program of the host side of a test (Arm's eRPC).
class ErpcApp final : public FvpConsole {
public:
    explicit ErpcApp(const RunFvp& model) : FvpConsole{"run-fvp-erpc-app", "run a program beside the model", model} {}

protected:
    Task<> run(JobContext& job, Deadline) override {
        const auto key = config::text_or_empty(block().parameters.find("erpc_app"));
        const auto& images = job.state(ns()).images;
        const auto app =
            std::find_if(images.begin(), images.end(), [&key](const DeployedImage& image) { return image.key == key; });
        if (app == images.end()) throw JobError{"erpc_app '" + key + "' is no image of the deploy"};
        std::filesystem::permissions(app->path,
                                     std::filesystem::perms::owner_exec | std::filesystem::perms::group_exec |
                                         std::filesystem::perms::others_exec,
                                     std::filesystem::perm_options::add);
        std::vector<std::string> program{model_.place_of(app->path)};
        co_await open(job, std::move(program));
    }
};

/// All ports but the console are read by run-fvp as they speak; this is the place where LAVA does it.
class ReadFeedback final : public Action {
public:
    ReadFeedback() : Action{"read-feedback", "nothing to do"} {}

protected:
    Task<> run(JobContext&, Deadline) override { co_return; }
};

class BootFvpMain final : public Action {
public:
    explicit BootFvpMain(const ActionBlock& block)
        : Action{"boot-fvp-main", "boot fvp"}, model{(add<CheckVersion>(), add<RunFvp>())} {
        if (!uses_telnet(block)) return;
        add<SerialConnect>(model);
        add<ReadFeedback>();
    }

    RunFvp& model;
};

class BootFvp final : public RetryAction {
public:
    BootFvp() : RetryAction{"boot-fvp", "boot fvp, again if it fails"} {}
};

}  // namespace

ActionPtr build_boot_fvp(const ActionBlock& block, const JobContext& job) {
    auto boot = std::make_unique<BootFvp>();
    const auto& model = boot->add<BootFvpMain>(block).model;
    if (block.parameters.contains("prompts")) {
        boot->add<ReadFeedback>();
        boot->add(make_auto_login());
        if (test_needs(job.definition, block.name_space).shell) {
            boot->add(make_expect_shell());
            if (block.parameters.contains("transfer_overlay")) boot->add(make_overlay_unpack());
        }
    }
    if (block.parameters.contains("erpc_app")) boot->add<ErpcApp>(model);
    return boot;
}

}  // namespace patchbay
