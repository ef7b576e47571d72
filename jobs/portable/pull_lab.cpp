// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/pull_lab.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>

namespace patchbay {
namespace {

constexpr std::string_view test_definitions = "https://github.com/Linaro/test-definitions.git";

using Names = std::vector<std::string_view>;

/// A line for each key of `map` that is none of `read`.
void note_others(const config::Value* map, const std::string& path, const Names& read, config::Problems& unused) {
    if (!map || !map->as_map()) return;
    for (const auto& [key, value] : *map->as_map()) {
        const auto name = config::python_str(key);
        if (std::ranges::find(read, name) == read.end()) unused.add(key.mark, path + name, "is not used here");
    }
}

void note_unused(const config::Value& document, config::Problems& unused) {
    note_others(&document, "", {"artifacts", "tests", "environment", "callback", "parameters", "integrity"}, unused);
    note_others(document.find("artifacts"), "artifacts.",
                {"kernel", "modules", "ramdisk", "initrd", "rootfs", "dtb", "kselftest"}, unused);
    // The console of a device is what the lab says.
    note_others(document.find("environment"), "environment.", {"platform", "arch", "console"}, unused);
    note_others(document.find("callback"), "callback.", {"url", "token_name"}, unused);
    const auto* tests = document.find("tests");
    if (!tests || !tests->as_list()) return;
    for (std::size_t i = 0; i < tests->as_list()->size(); ++i) {
        const auto path = "tests[" + std::to_string(i) + "].";
        const auto& test = (*tests->as_list())[i];
        note_others(&test, path,
                    {"id", "type", "timeout_s", "parameters", "subset", "pre-commands", "post-commands", "depends"},
                    unused);
        const auto* depends = test.find("depends");
        if (depends && depends->as_list() && !depends->as_list()->empty())
            unused.add(depends->mark, path + "depends", "is not used here: the tests run in their order, all of them");
    }
}

/// "a=1 b=2"; LAVA's names of parameters are in capitals.
config::Map parameters_of(const std::string& text) {
    config::Map map;
    std::istringstream words{text};
    for (std::string word; words >> word;) {
        const auto equals = word.find('=');
        if (equals == std::string::npos) continue;
        auto name = word.substr(0, equals);
        for (auto& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        map.set(name, word.substr(equals + 1));
    }
    return map;
}

config::Map of_repository(const std::string& name, const std::string& path, config::Map parameters) {
    return {{"name", name},
            {"from", "git"},
            {"repository", test_definitions},
            {"path", path},
            {"parameters", std::move(parameters)}};
}

/// That it runs at all, and that its kernel has nothing to complain about.
config::Map boot_test(const std::string& name, const config::List& before, const config::List& after) {
    config::List steps = before;
    steps.push_back("lava-test-case kernel --shell uname -a");
    steps.push_back("lava-test-case no-kernel-errors --shell '! dmesg --level=emerg,alert,crit | grep .'");
    steps.insert(steps.end(), after.begin(), after.end());
    return {{"name", name},
            {"from", "inline"},
            {"path", "inline/" + name + ".yaml"},
            {"repository",
             config::Map{{"metadata", config::Map{{"format", "Lava-Test Test Definition 1.0"}, {"name", name}}},
                         {"run", config::Map{{"steps", std::move(steps)}}}}}};
}

config::List commands(config::MapReader& test, std::string_view key) {
    config::List list;
    for (auto& text : test.value_or(key, std::vector<std::string>{})) list.push_back(std::move(text));
    return list;
}

/// What a test says itself goes before what the job says for all.
void add_defaults(config::Map& parameters, const config::Map& defaults) {
    for (const auto& [key, value] : defaults) {
        const auto name = config::python_str(key);
        if (!parameters.contains(name)) parameters.set(name, config::python_str(value));
    }
}

PortableTest read_test(config::MapReader test, const std::string& kselftest, const config::Map& defaults) {
    PortableTest read;
    const auto id = test.required<std::string>("id");
    const auto type = test.required<std::string>("type");
    if (const auto seconds = test.maybe<int>("timeout_s")) {
        read.timeout = std::chrono::seconds{*seconds};
        if (*seconds < 1 || *seconds > 7 * 86400) test.problem("timeout_s", "must be between 1 and 604800 seconds");
    }
    auto parameters = parameters_of(test.value_or("parameters", std::string{}));
    add_defaults(parameters, defaults);
    const auto before = commands(test, "pre-commands"), after = commands(test, "post-commands");
    const auto subset = test.maybe<std::string>("subset");
    constexpr std::string_view suite = "kselftest-";
    if (type == "boot" || type == "baseline") {
        read.definition = boot_test(id, before, after);
        return read;
    }
    if (!before.empty() || !after.empty()) {
        test.problem("pre-commands", "commands around a test are known for the type 'boot' only");
    }
    if (type == "ltp") {
        if (!parameters.contains("TST_CMDFILES")) parameters.set("TST_CMDFILES", subset.value_or("smoketest"));
        read.definition = of_repository(id, "automated/linux/ltp/ltp.yaml", std::move(parameters));
    } else if (type.starts_with(suite)) {
        parameters.set("TST_CMDFILES", type.substr(suite.size()));
        if (!kselftest.empty()) parameters.set("TESTPROG_URL", kselftest);
        read.definition = of_repository(id, "automated/linux/kselftest/kselftest.yaml", std::move(parameters));
    } else {
        test.problem("type", "'" + type + "' is not known here; there are boot, ltp and kselftest-COLLECTION");
    }
    return read;
}

/// The checksums of `integrity`, which call a file by its artifact, or as its URL ends.
class Checksums {
public:
    Checksums(const config::Value& document, config::Problems& problems) : problems_{problems} {
        for (const auto& kind : kinds) {
            const auto* integrity = document.find("integrity");
            const auto* sums = integrity ? integrity->find(kind.name) : nullptr;
            if (!sums || !sums->as_map()) continue;
            for (const auto& [key, value] : *sums->as_map()) {
                const auto file = config::python_str(key);
                if (!file.starts_with('_')) sums_.push_back({file, kind, &value, key.mark});
            }
        }
    }

    /// Adds those of this artifact to its keys.
    void add(config::Map& keys, const std::string& artifact) {
        const auto url = config::text_or_empty(keys.find("url"));
        for (auto& sum : sums_) {
            if (sum.file != artifact && sum.file != url.substr(url.rfind('/') + 1)) continue;
            sum.used = true;
            const auto text = config::text_or_empty(sum.value);
            if (text.size() == sum.kind.digits &&
                text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos) {
                keys.set(std::string{sum.kind.name} + "sum", text);
            } else {
                problems_.add(sum.value->mark, sum.path(),
                              "must be " + std::to_string(sum.kind.digits) + " hexadecimal digits");
            }
        }
    }

    void note_unused(config::Problems& unused) const {
        for (const auto& sum : sums_) {
            if (!sum.used) unused.add(sum.mark, sum.path(), "is not used here: no download of the job is called so");
        }
    }

private:
    struct Kind {
        std::string_view name;
        std::size_t digits;
    };
    static constexpr std::array kinds{Kind{"md5", 32}, Kind{"sha256", 64}, Kind{"sha512", 128}};
    struct Sum {
        std::string file;
        Kind kind;
        const config::Value* value;
        config::Mark mark;
        bool used = false;
        std::string path() const { return "integrity." + std::string{kind.name} + "." + file; }
    };

    config::Problems& problems_;
    std::vector<Sum> sums_;
};

void read_artifacts(config::MapReader map, const std::string& architecture, PortableJob& job, std::string& kselftest,
                    Checksums& checksums) {
    config::Map files;
    for (const auto* name : {"kernel", "modules", "ramdisk", "initrd", "rootfs", "dtb"}) {
        const auto url = map.value_or(name, std::string{});
        if (url.empty()) continue;
        config::Map keys{{"url", url}};
        checksums.add(keys, name);
        files.set(name, std::move(keys));
    }
    // The only one is the root file system itself.
    const auto* initrd = files.find("initrd");
    if (initrd && !files.contains("ramdisk") && !files.contains("rootfs")) files.set("ramdisk", config::Value{*initrd});
    kselftest = map.value_or("kselftest", std::string{});
    const config::Map portable{{"portable", 1}, {"name", "-"}, {"artifacts", config::Map{{architecture, files}}}};
    job.artifacts = read_portable_job(portable, "artifacts").artifacts;
}

}  // namespace

bool is_pull_lab(const config::Value& document) {
    return document.find("artifacts") && document.find("environment") && !is_portable(document);
}

PortableJob read_pull_lab(const config::Value& document, const std::string& file, std::vector<std::string>& unused) {
    config::Problems problems{file}, others{file};
    config::MapReader map{document, "", problems};
    PortableJob job;
    auto environment = map.map("environment");
    const auto platform = environment.required<std::string>("platform");
    const auto architecture = environment.required<std::string>("arch");
    job.where = {platform};
    std::string kselftest;
    Checksums checksums{document, problems};
    if (!architecture.empty()) read_artifacts(map.map("artifacts"), architecture, job, kselftest, checksums);
    const auto* parameters = document.find("parameters");
    if (parameters && !parameters->is_null() && !parameters->as_map())
        map.problem("parameters", "must be a map of what the tests get");
    const auto defaults = parameters && parameters->as_map() ? *parameters->as_map() : config::Map{};
    for (auto& test : map.maps("tests")) {
        auto read = read_test(std::move(test), kselftest, defaults);
        job.name += (job.name.empty() ? "" : " ") + config::text_or_empty(read.definition.find("name"));
        job.tests.push_back(std::move(read));
    }
    job.name = (job.name.empty() ? "boot" : job.name) + " on " + platform;
    auto callback = map.map("callback");
    if (const auto url = callback.value_or("url", std::string{}); !url.empty()) {
        config::Map notify{{"url", url}, {"method", "POST"}, {"dataset", "all"}, {"content-type", "json"}};
        if (const auto token = callback.value_or("token_name", std::string{}); !token.empty())
            notify.set("token", token);
        job.job.set("notify", config::Map{{"criteria", config::Map{{"status", "finished"}}}, {"callback", notify}});
    }
    problems.raise_if_any();
    note_unused(document, others);
    checksums.note_unused(others);
    unused = others.lines();
    return job;
}

}  // namespace patchbay
