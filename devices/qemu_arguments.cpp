// SPDX-License-Identifier: Apache-2.0
#include "devices/qemu_arguments.hpp"

#include "core/errors.hpp"
#include "core/process/words.hpp"
#include "devices/qemu_judge.hpp"
#include "devices/qemu_options.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_all(const std::string& reasons) {
    throw JobError{"the job gives QEMU arguments that this lab does not allow: " + reasons +
                   "; the lab's owner can allow them with 'trusted_jobs: true' for this device"};
}

std::string strip_dashes(const std::string& word) { return word.substr(word.starts_with("--") ? 2 : 1); }

/// Any option may share the console with the monitor, so the console gets the line alone.
constexpr std::string_view shared_line = "mon:stdio";
constexpr std::string_view plain_line = "stdio";

}  // namespace

std::vector<std::string> check_qemu_arguments(std::vector<std::string> words, const fs::path& job_folder) {
    const qemu::Judge judge{job_folder};
    std::string reasons;
    const auto add = [&reasons](const std::string& words_of_it, const std::string& reason) {
        reasons += (reasons.empty() ? "" : ", ") + ("'" + words_of_it + "' " + reason);
    };
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with('-') || words[i].size() < 2) {
            if (const auto reason = judge.path(words[i])) add(words[i], *reason);  // a disk without an option
            continue;
        }
        const auto& word = words[i];
        const auto option = strip_dashes(word);
        if (qemu::kind_of(option) == qemu::Kind::flag) continue;
        if (i + 1 == words.size()) {
            // It would swallow whatever is put behind it, and what was checked as a value would be an option.
            add(word, qemu::kind_of(option) == qemu::Kind::unknown ? *judge.refuse(option, "") : "lacks its value");
            continue;
        }
        auto& value = words[++i];
        if (const auto reason = judge.refuse(option, value)) add(std::string{word}.append(" ").append(value), *reason);
        if (option == "serial" && value == shared_line) value = plain_line;
    }
    if (!reasons.empty()) refuse_all(reasons);
    return words;
}

std::vector<std::string> check_job_pieces(const std::vector<std::string>& pieces, const fs::path& job_folder) {
    std::string line;
    for (const auto& piece : pieces) line += piece + " ";
    check_qemu_arguments(split_command_line(line), job_folder);
    auto checked = pieces;
    for (auto& piece : checked) {
        if (const auto at = piece.find(shared_line); at != std::string::npos) {
            piece.replace(at, shared_line.size(), plain_line);
        }
    }
    return checked;
}

void check_qemu_value(std::string_view option, const std::string& value, const fs::path& job_folder) {
    if (const auto reason = qemu::Judge{job_folder}.refuse(option, value)) {
        refuse_all("'-" + std::string{option} + " " + value + "' " + *reason);
    }
}

}  // namespace patchbay
