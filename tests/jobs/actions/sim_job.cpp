// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/actions/sim_job.hpp"

#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <fstream>
#include <future>
#include <stdexcept>

#include "core/config/yaml.hpp"
#include "devices/qemu_template.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/definition/definition.hpp"
#include "jobs/overlay/overlay_formats.hpp"

namespace patchbay::testing {
namespace {

std::string text_of(const config::Value& map, std::string_view key) {
    const auto* value = map.find(key);
    return value ? config::python_str(*value) : std::string{};
}

std::filesystem::path make_folder() {
    auto name = (std::filesystem::temp_directory_path() / "patchbay-job-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error{"mkdtemp: " + name};
    return name;
}

void write(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
}

DeviceDescription qemu_description() {
    const config::Map context{{"arch", "x86_64"}};
    return read_device(render_qemu({}, context, "sim-01", "qemu"), "sim-01");
}

Task<JobOutcome> run_and_note(JobContext& job, JobExtent extent, config::Value& described) {
    std::function<void(const config::Value&)> note = [&described](const config::Value& value) { described = value; };
    co_return co_await run_job(job, extent, note);
}

}  // namespace

std::vector<std::string> RecordingSink::cases() const {
    std::vector<std::string> cases;
    for (const auto& record : records) {
        const auto value = config::parse_yaml(record);
        if (text_of(value, "lvl") != "results") continue;
        const auto& message = *value.find("msg");
        cases.push_back(text_of(message, "definition") + "/" + text_of(message, "case") + " " +
                        text_of(message, "result"));
    }
    return cases;
}

std::vector<std::string> RecordingSink::texts(std::string_view level) const {
    std::vector<std::string> texts;
    for (const auto& record : records) {
        const auto value = config::parse_yaml(record);
        if (text_of(value, "lvl") == level) texts.push_back(text_of(value, "msg"));
    }
    return texts;
}

bool RecordingSink::has(std::string_view level, std::string_view part) const {
    for (const auto& text : texts(level)) {
        if (text.find(part) != std::string::npos) return true;
    }
    return false;
}

config::Value RecordingSink::result_of(std::string_view suite, std::string_view name) const {
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
        const auto value = config::parse_yaml(*record);
        if (text_of(value, "lvl") != "results") continue;
        const auto& message = *value.find("msg");
        if (text_of(message, "definition") == suite && text_of(message, "case") == name) return message;
    }
    return {};
}

std::string RecordingSink::failure_of(std::string_view action) const {
    const auto result = result_of("lava", action);
    const auto* extra = result.find("extra");
    return extra ? text_of(*extra, "fail") : std::string{};
}

std::size_t RecordingSink::job_results() const {
    std::size_t count = 0;
    for (const auto& record : records) {
        if (record.find("\"case\": \"job\", \"definition\": \"lava\"") != std::string::npos) ++count;
    }
    return count;
}

std::string job_text(const std::string& actions, const std::string& top) {
    return "device_type: qemu\njob_name: simulated\nvisibility: public\npriority: medium\n"
           "context: {arch: x86_64}\n" +
           (top.find("timeouts:") == std::string::npos
                ? std::string{"timeouts: {job: {minutes: 10}, action: {minutes: 5}, connection: {minutes: 2}}\n"}
                : std::string{}) +
           top + "actions:\n" + actions;
}

std::string deploy_block() {
    return "- deploy:\n    to: tmpfs\n    os: oe\n    timeout: {minutes: 2}\n    images:\n"
           "      kernel: {image_arg: '-kernel {kernel}', url: 'file://@FOLDER@/kernel'}\n"
           "      initrd: {image_arg: '-initrd {initrd}', url: 'file://@FOLDER@/initrd', format: cpio.newc,\n"
           "               overlays: {lava: true}}\n";
}

std::string boot_block(const std::string& extra) {
    const bool timed = extra.find("    timeout:") != std::string::npos;
    return "- boot:\n    method: qemu\n    media: tmpfs\n    prompts: ['root@pb-guest:']\n" +
           std::string{timed ? "" : "    timeout: {minutes: 2}\n"} + extra;
}

std::string test_block(const std::string& name, const std::string& extra) {
    const bool timed = extra.find("    timeout:") != std::string::npos;
    return "- test:\n" + std::string{timed ? "" : "    timeout: {minutes: 3}\n"} + extra +
           "    definitions:\n    - from: inline\n      name: " + name + "\n      path: inline/" + name +
           ".yaml\n      repository:\n"
           "        metadata: {format: Lava-Test Test Definition 1.0, name: " +
           name + "}\n        run: {steps: ['true']}\n";
}

std::string test_run(const std::string& name, const std::string& uuid, const std::vector<std::string>& cases) {
    std::string text = "<LAVA_SIGNAL_STARTRUN " + name + " " + uuid + ">\r\n";
    for (const auto& entry : cases) {
        const auto blank = entry.find(' ');
        text += "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=" + entry.substr(0, blank) + " RESULT=" + entry.substr(blank + 1) +
                ">\r\n";
    }
    return text + "<LAVA_SIGNAL_ENDRUN " + name + " " + uuid + ">\r\n";
}

SimJob::SimJob(Time time) : description{qemu_description()}, folder{make_folder()}, time_{time} {
    write(folder / "kernel", "a kernel");
    write(folder / "initrd", make_cpio(OverlayTree{}));
    settings.download_dir = folder / "jobs";
    settings.cache_dir = folder / "cache";
    settings.state_dir = folder / "state";
    settings.allowed_file_paths = {folder};
    settings.version = "2023.01";
    Clock::frozen = time == Time::simulated;
}

SimJob::~SimJob() {
    Clock::frozen = false;
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

Definition SimJob::parsed() const {
    auto text = definition;
    const std::string hole = "@FOLDER@";
    for (auto at = text.find(hole); at != std::string::npos; at = text.find(hole, at)) {
        text.replace(at, hole.size(), folder.string());
    }
    return parse_definition(text);
}

config::Value SimJob::tree() {
    const auto job_definition = parsed();
    JobLog log{sink};
    auto device = make_sim_device(io_.get_executor(), "sim-01", board);
    ArtifactCache cache{settings.cache_dir, settings.cache_limit};
    asio::thread_pool workers{1};
    const JobContext job{id,    job_definition, description, device,      settings, log,
                         cache, cancellation,   workers,     directory(), {}};
    return Pipeline{job}.describe();
}

std::string SimJob::tool(const std::string& line) const {
    const auto whole = "cd '" + folder.string() + "' && PATH=$PATH:/usr/sbin:/sbin; exec 2>&1; " + line;
    FILE* pipe = ::popen(whole.c_str(), "r");
    std::string text;
    char buffer[4096];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
    ::pclose(pipe);
    return text;
}

JobOutcome SimJob::run() {
    if (Clock::frozen) Clock::moved = std::chrono::hours{1};  // as on a host that runs for a while
    const auto job_definition = parsed();
    JobLog log{sink};
    std::vector<std::string> secrets;
    for (const auto& [name, value] : job_definition.secrets) secrets.push_back(value);
    log.mask(secrets);
    auto device = make_sim_device(io_.get_executor(), "sim-01", board);
    ArtifactCache cache{settings.cache_dir, settings.cache_limit};
    asio::thread_pool workers{1};
    std::filesystem::create_directories(directory());
    JobContext job{id,    job_definition, description, device,      settings, log,
                   cache, cancellation,   workers,     directory(), {}};
    job.group = group;
    if (prepare) prepare(job);
    JobOutcome outcome;
    std::exception_ptr failure;
    bool done = false;
    auto finished = [&](std::exception_ptr error, JobOutcome result) {
        failure = error;
        outcome = std::move(result);
        done = true;
    };
    const auto start = Clock::now();
    asio::co_spawn(io_, run_and_note(job, extent, described), finished);
    drive(workers, done);
    took = Clock::now() - start;
    run_ready(workers, done);
    left_running = !io_.stopped();
    workers.join();
    if (failure) std::rethrow_exception(failure);
    return outcome;
}

namespace {

/// What the workers do takes no time of the simulated clock's.
void wait_for(asio::thread_pool& workers) {
    std::promise<void> finished;
    asio::post(workers, [&finished] { finished.set_value(); });
    finished.get_future().wait();
}

}  // namespace

/// One handler of the event loop has run: the job stands at its next suspension point.
void SimJob::count(const bool& done) {
    if (!done && ++handlers == cancel_after) cancellation.request("The job was canceled");
}

/// Workers fetch images, and that is over when a machine boots; at its end they remove the job's files. Until then they
/// work while nothing else does, so that every run of a job has the same steps: what a handler gives to the worker
/// begins after it and is done before the next one.
std::size_t SimJob::run_one_ready(asio::thread_pool& workers, const bool& done) {
    const bool alone = time_ == Time::real || board->boots > 0 || done;
    std::promise<void> go;
    if (!alone) asio::post(workers, [open = go.get_future().share()] { open.wait(); });
    const auto ran = io_.poll_one();
    if (ran > 0) count(done);
    if (alone) return ran;
    go.set_value();
    wait_for(workers);
    return ran;
}

std::size_t SimJob::run_ready(asio::thread_pool& workers, const bool& done) {
    std::size_t ran = 0;
    io_.restart();
    while (run_one_ready(workers, done) > 0) ++ran;
    return ran;
}

void SimJob::drive(asio::thread_pool& workers, const bool& done) {
    constexpr auto limit = std::chrono::hours{1};
    const auto start = Clock::now();
    while (!done) {
        if (run_ready(workers, done) > 0) continue;
        if (Clock::now() - start > limit) throw std::logic_error{"the job has not ended within an hour"};
        if (cancel_when && cancel_when()) {
            cancellation.request("The job was canceled");
            cancel_when = nullptr;
            continue;
        }
        if (time_ == Time::real) {
            io_.restart();
            if (io_.run_one() > 0) count(done);
        } else {
            // The job's files are removed. What came before may wait for the clock.
            if (board->made_safe > 0) wait_for(workers);
            if (run_ready(workers, done) == 0) Clock::moved += step;
        }
    }
}

}  // namespace patchbay::testing
