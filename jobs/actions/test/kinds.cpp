// SPDX-License-Identifier: Apache-2.0
// Which kinds of test there are: the key of the block says which.
#include <array>

#include "jobs/actions/audio/audio.hpp"
#include "jobs/actions/builders.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/test/test.hpp"

namespace patchbay {
namespace {

struct TestKind {
    std::string_view key;
    ActionPtr (*build)(const ActionBlock&, const JobContext&);
};

constexpr std::array kinds{
    TestKind{"definitions", build_test_shell},
    TestKind{"interactive", build_interactive},
    TestKind{"monitors", build_monitors},
    TestKind{"audio", build_audio},
};

}  // namespace

ActionPtr build_test(const ActionBlock& block, const JobContext& job) {
    std::vector<std::string> reasons;
    if (block.parameters.contains("docker") && block.parameters.contains("definitions")) {
        return build_docker_test(block, job);
    }
    if (block.parameters.contains("services")) {
        reasons.push_back("services: programs beside the test are not available on this lab");
    }
    for (const auto& kind : kinds) {
        if (block.parameters.contains(kind.key)) return kind.build(block, job);
        const std::string key{kind.key};
        reasons.push_back(key + ": \"" + key + "\" not in parameters");
    }
    throw_no_strategy("test", reasons);
}

}  // namespace patchbay
