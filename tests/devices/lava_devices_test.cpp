// SPDX-License-Identifier: Apache-2.0
// LAVA's own devices: what its environment made of them, and what ours makes.
#include <gtest/gtest.h>

#include <cstdlib>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"
#include "core/whole_file.hpp"
#include "devices/description.hpp"
#include "devices/jinja/context_effects.hpp"
#include "devices/jinja/renderer.hpp"

namespace patchbay {
namespace {

class LavaDevices : public ::testing::Test {
protected:
    void SetUp() override {
        const char* corpus = std::getenv("PATCHBAY_CORPUS");
        if (!corpus) GTEST_SKIP() << "PATCHBAY_CORPUS does not name the folder of the corpus";
        folder = std::filesystem::path{corpus} / "devices";
        verdicts = config::parse_json(read_whole_file(folder / "verdicts.json"));
    }
    std::string text_of(const config::Value& about, std::string_view key) {
        return read_whole_file(folder / config::string_or_empty(about.find(key)));
    }
    static config::Map context_of(const config::Value& about) {
        const auto* context = about.find("context");
        return context && context->is_map() ? *context->as_map() : config::Map{};
    }

    std::filesystem::path folder;
    config::Value verdicts;
};

TEST_F(LavaDevices, AreRenderedAsLavaDoes) {
    std::vector<Dictionary> dictionaries;
    for (const auto& [key, about] : *verdicts.as_map()) {
        const auto file = config::string_or_empty(about.find("dictionary"));
        // LAVA's environment was not told of a device when these were made.
        dictionaries.push_back({file, text_of(about, "dictionary"), context_of(about), "", ""});
    }
    const auto made = render_dictionaries_now({{folder / "templates"}, {}}, std::move(dictionaries));
    std::size_t at = 0, same = 0;
    for (const auto& [key, about] : *verdicts.as_map()) {
        const auto& ours = made.at(at++);
        const auto name = config::python_str(key);
        try {
            const auto theirs = config::parse_yaml(text_of(about, "rendered"));
            if (rendered_value(ours, name) == theirs) {
                ++same;
            } else {
                std::cout << name << ": differs\n";
            }
        } catch (const ConfigurationError& error) {
            std::cout << name << ": " << error.what() << "\n";
        }
    }
    std::cout << same << " of " << at << " device files are LAVA's\n";
    EXPECT_GE(at, 195U);
    EXPECT_GE(100 * same, 99 * at);
}

TEST_F(LavaDevices, AreReadWhenLavaTakesThem) {
    std::size_t read = 0, refused = 0;
    for (const auto& [key, about] : *verdicts.as_map()) {
        const auto name = config::python_str(key);
        const auto* schedulers = about.find("verdict")->find("scheduler")->find("ok");
        const bool taken = schedulers->as_bool() && *schedulers->as_bool();
        try {
            read_device(config::parse_yaml(text_of(about, "rendered")), name);
            ++read;
        } catch (const ConfigurationError& error) {
            ++refused;
            EXPECT_FALSE(taken) << error.what();
            std::cout << name << " is refused, by LAVA, too: " << error.what() << "\n";
        }
    }
    std::cout << read << " device files read, " << refused << " refused\n";
}

TEST_F(LavaDevices, ContextsOfJobsAreAccepted) {
    std::size_t accepted = 0;
    for (const auto& [key, about] : *verdicts.as_map()) {
        const auto context = context_of(about);
        if (context.empty()) continue;
        const auto name = config::python_str(key);
        const auto plain = config::string_or_empty(verdicts.find(name.substr(0, name.find("__")))->find("rendered"));
        const auto theirs = config::parse_yaml(text_of(about, "rendered"));
        EXPECT_NO_THROW({
            check_context(context, name);
            accept_context(config::parse_yaml(read_whole_file(folder / plain)), theirs, name, "/nonexistent");
        }) << name;
        ++accepted;
    }
    EXPECT_GE(accepted, 16U);
}

}  // namespace
}  // namespace patchbay
