// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/job_files.hpp"

#include <boost/asio/thread_pool.hpp>

#include "core/process/scope.hpp"
#include "drivers/builtin.hpp"
#include "jobs/actions/host_address.hpp"

namespace patchbay {
namespace {

std::vector<std::string> secrets_of(const Definition& definition, std::vector<std::string> secrets) {
    for (const auto& [name, value] : definition.secrets) secrets.push_back(value);
    return secrets;
}

}  // namespace

JobOutcome report_setup_failure(JobLog& log, std::exception_ptr failure) {
    JobOutcome outcome{ErrorType::bug, describe(failure)};
    try {
        std::rethrow_exception(failure);
    } catch (const Error& error) {
        outcome.error = error.type();
    } catch (...) {  // a bug: that is what the outcome says already
    }
    outcome.error_msg = std::string{log.masked(outcome.error_msg)};
    log.exception(outcome.error_msg);
    log.error(help_text(*outcome.error));
    log.results(outcome.record());
    log.flush();
    return outcome;
}

Task<JobOutcome> run_files(JobFiles files, JobLog& log, Cancellation& cancellation) {
    const auto executor = co_await asio::this_coro::executor;
    const auto directory = files.settings.download_dir / files.id;
    std::exception_ptr failure;
    try {
        const auto definition = parse_definition(files.definition);
        log.mask(secrets_of(definition, files.secrets));
        std::filesystem::create_directories(directory);
        const auto scope = std::make_shared<ProcessScope>(files.scope_token);
        const AdmitAll all{*scope};
        auto tell = [&log](const std::string& text) { log.warning(text); };
        const DriverContext drivers{executor, scope, directory, files.settings.state_dir, tell};
        auto device = make_device(files.description, drivers);
        use_default_route(files.settings, device);
        ArtifactCache cache{files.settings.cache_dir, files.settings.cache_limit};
        asio::thread_pool workers{1};
        JobContext job{files.id,     definition, files.description, device, files.settings, log, cache,
                       cancellation, workers,    directory,         {}};
        job.group = files.group;
        const auto extent = files.validate_only ? JobExtent::validate : JobExtent::run;
        co_return co_await run_job(job, extent, files.described);
    } catch (...) {
        failure = std::current_exception();
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
    co_return report_setup_failure(log, failure);
}

}  // namespace patchbay
