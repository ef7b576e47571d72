// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a portable job expects of its tests, and what a result is beside it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/map_reader.hpp"

namespace patchbay {

enum class ResultMark {
    expected,
    regressed,  ///< a pass was expected
    fixed,      ///< a pass, and something else was expected
    differs,    ///< neither of both passes: a skip where a fail was expected
    fresh,      ///< nothing was expected of it: "new"
    missing,    ///< it was expected and did not run
};
std::string_view to_string(ResultMark mark);

class Expectations {
public:
    Expectations() = default;
    /// `expect: {smoke/uname: pass, smoke/sound: {board: skip, "*": pass}}`. What is wrong with it is left out.
    static Expectations read(const config::Value& map, config::Problems& problems);

    /// `test`: "suite/case"; `device_type` as the job's `where` has it. nullopt: nothing is expected of it there.
    std::optional<std::string> of(std::string_view test, std::string_view device_type) const;
    /// `result` is empty for a test that did not run. nullopt: nothing was expected and nothing came.
    std::optional<ResultMark> judge(std::string_view test, std::string_view device_type, std::string_view result) const;

    bool empty() const { return tests_.empty(); }
    /// By test, then by device type; "*" is for the others.
    const std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>>& tests() const {
        return tests_;
    }

    /// A name in the job's text, for messages.
    struct Place {
        std::string name;
        config::Mark mark;
    };
    const std::vector<Place>& named_tests() const { return named_tests_; }
    /// Without "*".
    const std::vector<Place>& named_types() const { return named_types_; }

private:
    std::map<std::string, std::map<std::string, std::string, std::less<>>, std::less<>> tests_;
    std::vector<Place> named_tests_, named_types_;
};

}  // namespace patchbay
