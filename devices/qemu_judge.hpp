// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "devices/qemu_options.hpp"

namespace patchbay::qemu {

/// Decides about one option of a job and its value. A refusal is a sentence without its subject: "reaches a host
/// device". Every key may be given once only: of two, QEMU uses the last, and whoever looks at the first is fooled.
class Judge {
public:
    explicit Judge(const std::filesystem::path& folder) : folder_{std::filesystem::weakly_canonical(folder)} {}

    /// `option` without its dashes.
    std::optional<std::string> refuse(std::string_view option, const std::string& value) const;

    /// A file that QEMU opens: inside the job, and no block-layer protocol ("nbd:", "json:", "fat:").
    std::optional<std::string> path(const std::string& value) const;

private:
    using Fields = std::vector<Field>;
    std::optional<std::string> field(const Field& field) const;
    std::optional<std::string> fields(const Fields& list) const;
    std::optional<std::string> keyed(const Fields& list, const Names& keys) const;
    std::optional<std::string> blockdev(const Fields& list) const;
    std::optional<std::string> net(const Fields& list) const;
    std::optional<std::string> object(const Fields& list) const;

    std::filesystem::path folder_;
};

}  // namespace patchbay::qemu
