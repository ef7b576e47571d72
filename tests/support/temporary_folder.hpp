// SPDX-License-Identifier: Apache-2.0
#pragma once
// A folder of its own for one test, removed at the end.

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace patchbay::testing {

class TemporaryFolder {
public:
    TemporaryFolder() : path{make()} {}
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::filesystem::path operator/(const std::filesystem::path& name) const { return path / name; }

    const std::filesystem::path path;

private:
    static std::filesystem::path make() {
        auto name = (std::filesystem::temp_directory_path() / "patchbay-test-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error{"cannot make a folder in the temporary directory"};
        return name;
    }
};

}  // namespace patchbay::testing
