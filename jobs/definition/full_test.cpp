// SPDX-License-Identifier: Apache-2.0
// The bodies of tests and commands (lava_common/schemas/test), and the test definition file.
#include <map>

#include "jobs/definition/full_schema.hpp"

namespace patchbay {

using namespace schema;

namespace {

using Keys = std::vector<Key>;

Keys joined(Keys keys, const Keys& more) {
    keys.insert(keys.end(), more.begin(), more.end());
    return keys;
}

Rule definition_entry() {
    const Keys common{
        required("path", text()),
        required("name", name_schema()),
        optional("skip_install", list_of({words({"all", "deps", "git-repos", "keys", "sources", "steps"})})),
        optional("lava-signal", words({"kmsg", "stdout"})),
        optional("expected", list_of({text()})),
    };
    const auto git = map(joined(
        {
            required("repository", text()),
            required("from", words({"git"})),
            optional("branch", text()),
            optional("history", boolean()),
            optional("revision", text()),
            optional("recursive", boolean()),
            optional("parameters", dict()),
            optional("params", dict()),
        },
        common));
    const auto inline_map = map(joined(
        {
            required("repository", test_definition_schema()),
            required("from", words({"inline"})),
        },
        common));
    const auto url = map(joined(
        {
            required("repository", text()),
            required("from", words({"url"})),
            optional("compression", words({"bz2", "gz", "xz", "zip", "zstd"})),
            optional("strip-components", integer()),
            optional("headers", map({every_text(text())})),
            optional("parameters", dict()),
            optional("params", dict()),
        },
        common));
    return any({git, inline_map, url});
}

Keys definition_keys() {
    return {
        required("definitions", list_of({definition_entry()})),
        optional("downloads-namespace", text()),
        optional("disconnect_connection", boolean()),
    };
}

Rule monitors() {
    const auto entry = map({
        required("name", name_schema()),
        required("start", text()),
        required("end", text()),
        required("pattern", text()),
        optional("fixupdict", map({every_text(words({"pass", "fail", "skip", "unknown"}))})),
        optional("expected", list_of({text()})),
    });
    return action_schema({required("monitors", list_of({entry}))});
}

Rule interactive() {
    const auto failure = map({
        required("message", text()),
        optional("exception", words({"InfrastructureError", "JobError", "TestError"})),
        optional("error", text()),
    });
    const auto command = map({
        optional("name", name_schema()),
        required("command", any({text(), null()})),
        optional("wait_for_prompt", boolean()),
        optional("failures", list_of({failure})),
        optional("successes", list_of({map({required("message", text())})})),
    });
    const auto step = any({
        command,
        map({required("delay", integer())}),
        map({required("lava-send", text())}),
        map({required("lava-sync", text())}),
        map({required("lava-wait", text())}),
        map({required("lava-wait-all", text())}),
    });
    const auto entry = map({
        required("name", name_schema()),
        required("prompts", list_of({all({text(), length(1)})})),
        required("script", list_of({step})),
        optional("echo", words({"discard"})),
        optional("expected", list_of({text()})),
    });
    return action_schema({required("interactive", list_of({entry}))});
}

Rule services() {
    const Keys common{
        required("name", name_schema()),
        required("repository", text()),
        required("path", text()),
        optional("service", text()),
    };
    const auto git = map(joined(common, {
                                            required("from", words({"git"})),
                                            optional("branch", text()),
                                            optional("history", boolean()),
                                            optional("revision", text()),
                                            optional("recursive", boolean()),
                                            optional("shallow", boolean()),
                                        }));
    const auto url = map(joined(common, {
                                            required("from", words({"url"})),
                                            optional("compression", text()),
                                            optional("headers", map({every_text(text())})),
                                        }));
    return action_schema({required("services", list_of({any({git, url})}))});
}

std::map<std::string, Rule, std::less<>> table() {
    return {
        {"definition", action_schema(definition_keys())},
        {"docker", action_schema(joined(definition_keys(), {required("docker", docker_schema())}))},
        {"interactive", interactive()},
        {"monitor", monitors()},
        {"services", services()},
    };
}

}  // namespace

schema::Rule test_definition_schema() {
    const auto texts = list_of({text()});
    const auto metadata = map({
        required("format", words({"Lava-Test Test Definition 1.0"})),
        required("name", text()),
        optional("description", text()),
        optional("maintainer", texts),
        optional("os", texts),
        optional("scope", texts),
        optional("devices", texts),
        optional("environment", texts),
    });
    const auto repository = any({text(), map({
                                             required("url", text()),
                                             optional("skip_by_default", boolean()),
                                             optional("destination", text()),
                                             optional("branch", text()),
                                         })});
    const auto deps_for = [](const Value& key) { return key.is_string() && key.as_string()->starts_with("deps-"); };
    const auto install = map({
        optional("keys", texts),
        optional("sources", texts),
        optional("deps", texts),
        optional("steps", texts),
        optional("git-repos", list_of({repository})),
        Key{"", texts, false, "", deps_for},
    });
    // "pattern" is no key that LAVA's schema knows.
    const auto parse = map({
        optional("fixupdict", map({every_text(words({"pass", "fail", "skip", "unknown"}))})),
    });
    return map({
        required("metadata", metadata),
        optional("params", dict()),
        optional("parameters", dict()),
        optional("install", install),
        optional("run", map({required("steps", texts)})),
        optional("parse", parse),
        optional("expected", texts),
    });
}

const schema::Rule* full_test_schema(std::string_view kind) {
    static const auto rules = table();
    const auto found = rules.find(kind);
    return found == rules.end() ? nullptr : &found->second;
}

const schema::Rule& full_command_schema() {
    static const auto rule = action_schema({required("name", text())});
    return rule;
}

}  // namespace patchbay
