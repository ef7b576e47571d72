// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/portable_job.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "core/config/closest.hpp"

namespace patchbay {
namespace {

constexpr std::size_t most_places = 32, most_tests = 200, most_architectures = 16;

void check_time(std::chrono::seconds time, std::string_view key, config::MapReader& map) {
    constexpr auto longest = std::chrono::hours{7 * 24};
    if (time < std::chrono::seconds{1} || time > longest) map.problem(key, "must be between 1s and 7d");
}

/// What a file's name says about its compression, in LAVA's words.
std::string compression_of(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> endings{{{".gz", "gz"},
                                                                                    {".tgz", "gz"},
                                                                                    {".xz", "xz"},
                                                                                    {".txz", "xz"},
                                                                                    {".bz2", "bz2"},
                                                                                    {".zst", "zstd"},
                                                                                    {".zstd", "zstd"}}};
    for (const auto& [ending, name] : endings) {
        if (url.ends_with(ending)) return std::string{name};
    }
    return {};
}

std::optional<Artifact> read_artifact(const config::Value* value, const std::string& name, config::MapReader& map) {
    if (!value || value->is_null()) return std::nullopt;
    Artifact artifact;
    if (const auto* text = value->as_string()) {
        artifact.keys.set("url", *text);
    } else if (const auto* keys = value->as_map()) {
        artifact.keys = *keys;
    }
    const auto* url = artifact.keys.find("url");
    if (!url || !url->as_string() || url->as_string()->empty()) {
        map.problem(
            name,
            "must be a URL, or a map with 'url' and what downloads know besides: compression, sha256sum, headers");
        return std::nullopt;
    }
    artifact.url = *url->as_string();
    const auto guessed = compression_of(artifact.url);
    if (!artifact.keys.contains("compression") && !guessed.empty()) artifact.keys.set("compression", guessed);
    return artifact;
}

void read_dtbs(const config::Value* value, Artifacts& artifacts, config::MapReader& map) {
    const auto* by_type = value ? value->as_map() : nullptr;
    if (!by_type || by_type->contains("url")) {
        if (auto dtb = read_artifact(value, "dtb", map)) artifacts.dtbs.emplace("", std::move(*dtb));
        return;
    }
    for (const auto& [type, each] : *by_type) {
        auto name = config::python_str(type);
        if (name == "*") name.clear();
        if (auto dtb = read_artifact(&each, "dtb", map)) artifacts.dtbs.emplace(std::move(name), std::move(*dtb));
    }
}

Artifacts read_artifacts(config::MapReader map) {
    Artifacts artifacts;
    artifacts.kernel = read_artifact(map.raw("kernel"), "kernel", map);
    artifacts.ramdisk = read_artifact(map.raw("ramdisk"), "ramdisk", map);
    artifacts.initrd = read_artifact(map.raw("initrd"), "initrd", map);
    artifacts.rootfs = read_artifact(map.raw("rootfs"), "rootfs", map);
    artifacts.disk = read_artifact(map.raw("disk"), "disk", map);
    artifacts.modules = read_artifact(map.raw("modules"), "modules", map);
    read_dtbs(map.raw("dtb"), artifacts, map);
    if (!artifacts.kernel && map.raw("kernel") == nullptr) map.problem("kernel", "is missing");
    map.finish();
    return artifacts;
}

PortableTest read_test(config::MapReader entry, const config::Value& value) {
    PortableTest test;
    test.timeout = entry.maybe<std::chrono::seconds>("timeout");
    if (test.timeout) check_time(*test.timeout, "timeout", entry);
    if (const auto* map = value.as_map()) test.definition = *map;
    test.definition.erase("timeout");
    for (const auto* key : {"name", "from", "path"}) {
        if (!entry.has(key)) entry.problem(key, "is missing; an entry of 'tests' is one of LAVA's 'definitions'");
    }
    return test;
}

Needs read_needs(config::MapReader map) {
    Needs needs;
    needs.tags = map.value_or("tags", std::vector<std::string>{});
    needs.memory = map.value_or("memory", 0U);
    needs.capabilities = map.value_or("capabilities", std::vector<std::string>{});
    map.finish();
    return needs;
}

void read_where(config::MapReader& map, PortableJob& job) {
    const auto* where = map.raw("where");
    if (!where || where->is_null()) return;
    if (const auto* text = where->as_string()) {
        if (*text != "any") job.where.push_back(*text);
        return;
    }
    job.where = map.value_or("where", std::vector<std::string>{});
    if (job.where.size() > most_places)
        map.problem("where", "names more than " + std::to_string(most_places) + " device types");
    if (std::set<std::string>{job.where.begin(), job.where.end()}.size() != job.where.size())
        map.problem("where", "names a device type twice");
    if (job.where.empty())
        map.problem("where", "names no device type; leave it out, or write 'any', for anything that fits");
}

void read_system(config::MapReader map, PortableJob& job) {
    job.os = map.value_or("os", job.os);
    job.prompts = map.value_or("prompts", job.prompts);
    if (const auto* login = map.raw("login")) job.login = *login;
    if (!job.login.is_null() && !job.login.is_map()) {
        map.problem("login", "must be a map: login_prompt, username and what else LAVA's auto_login has");
    }
    map.finish();
}

void read_timeouts(config::MapReader map, PortableJob& job) {
    job.deploy_time = map.value_or("deploy", job.deploy_time);
    job.boot_time = map.value_or("boot", job.boot_time);
    job.test_time = map.value_or("test", job.test_time);
    check_time(job.deploy_time, "deploy", map);
    check_time(job.boot_time, "boot", map);
    check_time(job.test_time, "test", map);
    map.finish();
}

/// They go into command lines of QEMU and of boot loaders.
void read_boot_arguments(config::MapReader& map, PortableJob& job) {
    job.boot_arguments = map.value_or("boot_arguments", std::string{});
    while (!job.boot_arguments.empty() && (job.boot_arguments.back() == '\n' || job.boot_arguments.back() == ' '))
        job.boot_arguments.pop_back();  // YAML's "|" and ">"
    const auto bad = [](unsigned char c) { return c < ' ' || c == 127 || c == '\''; };
    if (std::ranges::any_of(job.boot_arguments, bad))
        map.problem("boot_arguments", "must be one line without the character '");
}

void read_tests(config::MapReader& map, PortableJob& job) {
    const auto* tests = map.raw("tests");
    auto entries = map.maps("tests");
    if (entries.size() > most_tests)
        return map.problem("tests", "has more than " + std::to_string(most_tests) + " entries");
    std::set<std::string> names;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        job.tests.push_back(read_test(entries[i], (*tests->as_list())[i]));
        const auto name = config::text_or_empty(job.tests.back().definition.find("name"));
        if (!name.empty() && !names.insert(name).second)
            entries[i].problem("name", "'" + name + "' is the name of another test, too; results are told apart by it");
    }
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
    const auto* near = config::closest(word, known);
    return near ? " (did you mean '" + *near + "'?)" : "";
}

/// What is expected of a test that the job has not, or where it does not run, would be missed in every table.
void check_expected(const PortableJob& job, config::Problems& problems) {
    std::vector<std::string> suites;
    for (const auto& test : job.tests) suites.push_back(config::text_or_empty(test.definition.find("name")));
    for (const auto& [test, mark] : job.expect.named_tests()) {
        const auto is_of = [&test = test](const std::string& suite) { return test.starts_with(suite + "/"); };
        if (std::ranges::any_of(suites, is_of)) continue;
        const auto suite = test.substr(0, test.find('/'));
        problems.add(mark, "expect",
                     "'" + test + "': none of the job's tests is called '" + suite + "'" + did_you_mean(suite, suites));
    }
    if (job.where.empty()) return;
    for (const auto& [type, mark] : job.expect.named_types()) {
        if (std::ranges::find(job.where, type) != job.where.end()) continue;
        problems.add(mark, "expect", "'" + type + "' is not in 'where'" + did_you_mean(type, job.where));
    }
}

}  // namespace

bool is_portable(const config::Value& document) { return document.find("portable") != nullptr; }

PortableJob read_portable_job(const config::Value& document, const std::string& file) {
    config::Problems problems{file};
    config::MapReader map{document, "", problems};
    PortableJob job;
    // What busybox, Debian and the root file systems of Linaro and KernelCI show when root has logged in.
    if (map.value_or("portable", 0) != 1) map.problem("portable", "must be 1, the only version that there is");
    job.name = map.required<std::string>("name");
    const auto* artifacts = map.raw("artifacts");
    if (artifacts && artifacts->as_map()) {
        auto by_architecture = map.map("artifacts");
        for (const auto& [key, value] : *artifacts->as_map()) {
            const auto architecture = config::python_str(key);
            job.artifacts.emplace(architecture, read_artifacts(by_architecture.map(architecture)));
        }
    }
    if (job.artifacts.size() > most_architectures) map.problem("artifacts", "has too many architectures");
    if (job.artifacts.empty())
        map.problem("artifacts", "must be a map of architectures: {arm64: {kernel: URL, ramdisk: URL}}");
    read_boot_arguments(map, job);
    read_tests(map, job);
    job.needs = read_needs(map.map("needs"));
    read_where(map, job);
    if (const auto* expect = map.raw("expect")) job.expect = Expectations::read(*expect, problems);
    check_expected(job, problems);
    read_system(map.map("system"), job);
    read_timeouts(map.map("timeouts"), job);
    for (const auto* key : {"visibility", "priority", "notify", "metadata", "secrets", "environment"}) {
        if (const auto* value = map.raw(key)) job.job.set(key, *value);
    }
    map.finish();
    problems.raise_if_any();
    return job;
}

}  // namespace patchbay
