// SPDX-License-Identifier: Apache-2.0
// The outputs of LAVA's lava-run, for programs that drive that one and for `patchbay run`.
#include <cstdlib>

#include "core/config/yaml.hpp"
#include "core/whole_file.hpp"
#include "devices/qemu_template.hpp"
#include "jobs/runner/job_files.hpp"
#include "jobs/runner/lease_folder.hpp"
#include "jobs/runner/runner.hpp"
#include "jobs/runner/sinks.hpp"

namespace patchbay {
namespace {

/// Where a program without a daemon keeps its cache and what it learned about this machine.
std::filesystem::path user_state() {
    if (const char* state = std::getenv("XDG_STATE_HOME")) return std::filesystem::path{state} / "patchbay";
    if (const char* home = std::getenv("HOME")) return std::filesystem::path{home} / ".local/state/patchbay";
    return std::filesystem::temp_directory_path() / "patchbay-state";
}

RunnerSettings settings_for(const LavaRun& options) {
    RunnerSettings settings;
    if (options.dispatcher) {
        settings =
            read_settings(config::parse_yaml(read_whole_file(*options.dispatcher)), options.dispatcher->string());
    } else {
        // The person who typed the command could read the files and reach the servers anyway.
        settings.allowed_file_paths = {"/"};
        settings.addresses = AddressPolicy::everything();
        settings.trusted_jobs = true;
        settings.version = "2023.01";
    }
    if (options.environment) settings.env_dut = config::parse_yaml(read_whole_file(*options.environment));
    if (settings.download_dir.empty()) settings.download_dir = std::filesystem::absolute(options.output_dir) / "tmp";
    if (settings.state_dir.empty()) settings.state_dir = user_state();
    if (settings.cache_dir.empty()) settings.cache_dir = settings.state_dir / "cache";
    return settings;
}

/// Without a device file: a QEMU machine of the job's architecture.
DeviceDescription device_for(const LavaRun& options, const std::string& definition) {
    if (options.device) {
        const auto name = options.device->string();
        return read_device(config::parse_yaml(read_whole_file(*options.device)), name);
    }
    const auto yaml = config::parse_yaml(definition);
    config::Map context;
    if (const auto* value = yaml.find("context"); value && value->as_map()) context = *value->as_map();
    config::Map variables;
    if (const auto* arch = context.find("arch")) variables.set("arch", *arch);
    return read_device(render_qemu(variables, context, "qemu-local", "qemu"), "qemu-local");
}

/// LAVA's workers serve the folders of their jobs by HTTP, and there people follow a log.
void link_log(const LavaRun& options, const RunnerSettings& settings) {
    const auto folder = settings.download_dir / options.job_id;
    std::error_code ignored;  // the job itself will say why it cannot have a folder
    std::filesystem::create_directories(folder, ignored);
    std::filesystem::create_symlink(std::filesystem::absolute(options.output_dir) / LavaRunSink::file_name,
                                    folder / LavaRunSink::file_name, ignored);
}

JobFiles files_for(const LavaRun& options) {
    JobFiles files;
    files.id = options.job_id;
    files.definition = read_whole_file(options.definition);
    files.settings = settings_for(options);
    if (options.dispatcher) link_log(options, files.settings);
    files.description = device_for(options, files.definition);
    files.scope_token = "run-" + options.job_id + "-" + std::to_string(Clock::now().time_since_epoch().count());
    files.validate_only = options.validate_only;
    if (options.upload) files.secrets.push_back(options.upload->token);
    const auto description_file = options.output_dir / "description.yaml";
    files.described = [description_file](const config::Value& pipeline) {
        write_whole_file(description_file, config::dump_yaml(pipeline, config::KeyOrder::sorted));
    };
    return files;
}

/// A file that is missing or wrong ends as a job with a result, like any other failure.
Task<JobOutcome> run_options(LavaRun options, JobLog& log, Cancellation& cancellation) {
    std::optional<JobFiles> files;
    std::exception_ptr failure;
    try {
        files = files_for(options);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) co_return report_setup_failure(log, failure);
    co_return co_await run_files(std::move(*files), log, cancellation);
}

std::unique_ptr<LogUpload> make_upload(asio::any_io_executor executor, const LavaRun& options, LavaRunSink& sink,
                                       Cancellation& cancellation) {
    if (!options.upload) return nullptr;
    auto gone = [&cancellation] { cancellation.request("The job was deleted on the lava-server"); };
    auto upload = std::make_unique<LogUpload>(std::move(executor), *options.upload,
                                              options.output_dir / LavaRunSink::file_name, std::move(gone));
    sink.grown = [raw = upload.get()](std::uint64_t bytes) { raw->grew(bytes); };
    upload->flush = [&sink] { sink.flush(); };
    return upload;
}

}  // namespace

Task<bool> lava_run(LavaRun options, Cancellation& cancellation) {
    std::filesystem::create_directories(options.output_dir);
    const auto executor = co_await asio::this_coro::executor;
    LavaRunSink sink{options.output_dir, options.upload ? LavaRunSink::Echo::none : LavaRunSink::Echo::standard_error};
    const auto upload = make_upload(executor, options, sink, cancellation);
    JobLog log{sink};
    JobOutcome outcome;
    std::exception_ptr failure;
    try {
        outcome = co_await run_options(options, log, cancellation);
        write_whole_file(options.output_dir / "result.yaml",
                         config::dump_yaml(outcome.record(), config::KeyOrder::sorted));
    } catch (...) {
        failure = std::current_exception();
    }
    // Whatever happened here, the server gets what the log has.
    if (upload) co_await upload->finish();
    if (failure) std::rethrow_exception(failure);
    std::error_code ignored;
    std::filesystem::remove(options.output_dir / "tmp", ignored);  // only when nothing is left in it
    co_return outcome.passed();
}

}  // namespace patchbay
