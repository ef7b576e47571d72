// SPDX-License-Identifier: Apache-2.0
#include "jobs/portable/pull_lab.hpp"

#include <sstream>

namespace patchbay {
namespace {

constexpr std::string_view test_definitions = "https://github.com/Linaro/test-definitions.git";

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

PortableTest read_test(config::MapReader test, const std::string& kselftest) {
    PortableTest read;
    const auto id = test.required<std::string>("id");
    const auto type = test.required<std::string>("type");
    if (const auto seconds = test.maybe<int>("timeout_s")) {
        read.timeout = std::chrono::seconds{*seconds};
        if (*seconds < 1 || *seconds > 7 * 86400) test.problem("timeout_s", "must be between 1 and 604800 seconds");
    }
    auto parameters = parameters_of(test.value_or("parameters", std::string{}));
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

void read_artifacts(config::MapReader map, const std::string& architecture, PortableJob& job, std::string& kselftest) {
    config::Map files;
    for (const auto* name : {"kernel", "modules", "ramdisk", "initrd", "rootfs", "dtb"}) {
        if (const auto url = map.value_or(name, std::string{}); !url.empty()) files.set(name, url);
    }
    // The only one is the root file system itself.
    const auto* initrd = files.find("initrd");
    if (initrd && !files.contains("ramdisk") && !files.contains("rootfs")) files.set("ramdisk", *initrd);
    kselftest = map.value_or("kselftest", std::string{});
    const config::Map portable{{"portable", 1}, {"name", "-"}, {"artifacts", config::Map{{architecture, files}}}};
    job.artifacts = read_portable_job(portable, "artifacts").artifacts;
}

}  // namespace

bool is_pull_lab(const config::Value& document) {
    return document.find("artifacts") && document.find("environment") && !is_portable(document);
}

PortableJob read_pull_lab(const config::Value& document, const std::string& file) {
    config::Problems problems{file};
    config::MapReader map{document, "", problems};
    PortableJob job;
    auto environment = map.map("environment");
    const auto platform = environment.required<std::string>("platform");
    const auto architecture = environment.required<std::string>("arch");
    job.where = {platform};
    std::string kselftest;
    if (!architecture.empty()) read_artifacts(map.map("artifacts"), architecture, job, kselftest);
    for (auto& test : map.maps("tests")) {
        auto read = read_test(std::move(test), kselftest);
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
    return job;
}

}  // namespace patchbay
