// SPDX-License-Identifier: Apache-2.0
// The bodies of tests and commands (lava_common/schemas/test), and the test definition file.
#include <map>

#include "jobs/definition/audio_step.hpp"
#include "jobs/definition/full_schema.hpp"

namespace patchbay {

using namespace schema;

namespace {

using Keys = SchemaKeys;

Rule definition_entry() {
    const Keys common{
        required("path", text()),
        required("name", name_schema()),
        optional("skip_install", list_of({words({"all", "deps", "git-repos", "keys", "sources", "steps"})})),
        optional("lava-signal", words({"kmsg", "stdout"})),
        optional("expected", texts()),
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
            optional("compression", text()),
            optional("strip-components", integer()),
            optional("headers", dict()),
            optional("parameters", dict()),
            optional("params", dict()),
        },
        common));
    return any({git, url, inline_map});
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
        optional("expected", texts()),
    });
    return action_schema({required("monitors", list_of({entry}))});
}

Rule interactive() {
    const auto some_characters = all({text(), length(1)});
    const auto failure = map({
        required("message", some_characters),
        optional("exception", words({"InfrastructureError", "JobError", "TestError"})),
        optional("error", some_characters),
    });
    const auto step = map({
        optional("command", any({text(), null()})),
        optional("delay", integer()),
        optional("lava-send", text()),
        optional("lava-sync", text()),
        optional("lava-wait", text()),
        optional("lava-wait-all", text()),
        optional("name", name_schema()),
        optional("wait_for_prompt", boolean()),
        optional("successes", list_of({map({required("message", some_characters)})})),
        optional("failures", list_of({failure})),
    });
    const auto entry = map({
        required("name", name_schema()),
        required("prompts", list_of({some_characters})),
        required("script", list_of({step})),
        optional("echo", words({"discard"})),
        optional("expected", texts()),
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
                                        }));
    const auto url = map(joined(common, {
                                            required("from", words({"url"})),
                                            optional("compression", text()),
                                            optional("headers", dict()),
                                        }));
    return action_schema({required("services", list_of({any({git, url})}))});
}

std::map<std::string, Rule, std::less<>> table() {
    return {
        {"audio", action_schema({required("audio", audio_steps_schema())})},
        {"definition", action_schema(definition_keys())},
        {"docker", action_schema(joined(definition_keys(), {required("docker", docker_schema())}))},
        {"interactive", interactive()},
        {"monitor", monitors()},
        {"service", services()},
    };
}

}  // namespace

schema::Rule test_definition_schema() {
    const auto metadata = map({
        required("format", words({"Lava-Test Test Definition 1.0"})),
        required("name", text()),
        optional("description", text()),
        optional("maintainer", texts()),
        optional("os", texts()),
        optional("scope", texts()),
        optional("devices", texts()),
        optional("environment", texts()),
    });
    const auto repository = any({text(), map({
                                             required("url", text()),
                                             optional("skip_by_default", boolean()),
                                             optional("destination", text()),
                                             optional("branch", text()),
                                         })});
    const auto deps_for = [](const Value& key) {
        return key.is_string() && key.as_string()->starts_with("deps-") && key.as_string()->size() > 5;
    };
    const auto install = map({
        optional("keys", texts()),
        optional("sources", texts()),
        optional("deps", texts()),
        optional("steps", texts()),
        optional("git-repos", list_of({repository})),
        Key{"", texts(), false, "", deps_for},
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
        optional("run", map({required("steps", texts())})),
        optional("parse", parse),
        optional("expected", texts()),
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
