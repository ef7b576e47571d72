// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace patchbay {

/// `patchbayd import lava FOLDER`: docs/import-lava.md.
class ImportCommand {
public:
    explicit ImportCommand(CLI::App& app);

    /// Was it chosen?
    explicit operator bool() const { return chosen_; }

    /// Says of every file what became of it. False: one of them could not be used.
    bool run(std::ostream& out, std::ostream& bad) const;

private:
    bool chosen_ = false, json_ = false;
    std::string folder_, output_ = "patchbay-import";
    std::vector<std::string> templates_;
};

}  // namespace patchbay
