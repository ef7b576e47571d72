// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "core/process/words.hpp"
#include "core/text.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/board/wait_usb.hpp"
#include "jobs/actions/container.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/qdl/qdl.hpp"
#include "jobs/actions/retry.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

constexpr std::array file_keys{"firehose_program", "rawprogram", "patch"};

const config::Value* parameters_of(const JobContext& job) {
    const auto* method = job.description.boot_methods.find("qdl");
    return method ? method->find("parameters") : nullptr;
}

std::string text_of(const ActionBlock& block, std::string_view key) {
    return config::text_or_empty(block.parameters.find(key));
}

/// Commands of the lab that bring the chip into its emergency mode.
class EnterQdl final : public Action {
public:
    EnterQdl() : Action{"enter-qdl", "bring the board into emergency download mode"} {}

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto* parameters = parameters_of(job);
        auto commands = texts_of(parameters ? parameters->find("enter-commands") : nullptr);
        co_await run_local_commands(job, std::move(commands), deadline, "Unable to enter qdl: ");
    }
};

UsbWanted board_of(const JobContext& job) {
    UsbWanted wanted;
    wanted.vendor = device_value(job, "usb_vendor_id");
    wanted.product = device_value(job, "usb_product_id");
    wanted.chip_serial = device_value(job, "board_qdl_id");
    return wanted;
}

class FlashQdl final : public Action {
public:
    FlashQdl() : Action{"flash-qdl", "write the board's flash with qdl"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (read_container(block().parameters.find("docker"), errors)) {
            need_containers(errors);
        } else {
            need_program(program(job).front(), "qdl", errors);
            need_trust(job, "the archive tells qdl which files to read and write; without a 'docker' of the boot it",
                       errors);
        }
        for (const auto* key : file_keys) {
            for (const auto& file : texts_of(block().parameters.find(key))) {
                if (!stays_inside(file))
                    errors.push_back(std::string{key} + " '" + file + "' must be a file of the archive");
            }
            if (!block().parameters.contains(key))
                errors.push_back("boot method qdl: '" + std::string{key} + "' is missing");
        }
        if (!stays_inside(text_of(block(), "path")))
            errors.push_back("path '" + text_of(block(), "path") + "' must be a folder of the archive");
        if (device_value(job, "board_qdl_id").empty()) errors.push_back("board_qdl_id unset");
        co_return;
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto& images = job.state(ns()).images;
        const auto found = std::find_if(images.begin(), images.end(),
                                        [](const DeployedImage& image) { return image.key == qdl_folder; });
        if (found == images.end())
            throw JobError{"no deploy to qdl of namespace '" + ns() + "' has fetched an archive"};
        const auto root = found->path;
        const auto folder = in_archive(root, text_of(block(), "path")).string();
        for (const auto* key : file_keys) {
            for (const auto& file : texts_of(block().parameters.find(key))) {
                static_cast<void>(in_archive(root, (fs::path{text_of(block(), "path")} / file).string()));
            }
        }
        auto ask = program(job);
        ask.push_back("--version");
        const auto version = read_version(co_await call(job, std::move(ask), folder, deadline));
        if (version < std::pair{2, 0}) throw InfrastructureError{"qdl is older than 2.0; install a newer one"};
        auto argv = program(job);
        if (version >= std::pair{2, 7}) argv.push_back("--skipblock=sha256");
        const auto* debug = block().parameters.find("debug");
        if (debug && debug->as_bool() && *debug->as_bool()) argv.push_back("--debug");
        if (const auto storage = text_of(block(), "storage"); !storage.empty()) {
            argv.insert(argv.end(), {"--storage", storage});
        }
        argv.insert(argv.end(), {"--serial", device_value(job, "board_qdl_id")});
        for (const auto* key : file_keys) {
            for (const auto& file : texts_of(block().parameters.find(key))) argv.push_back(file);
        }
        co_await call(job, std::move(argv), folder, deadline);
    }

private:
    static std::vector<std::string> program(const JobContext& job) {
        const auto* parameters = parameters_of(job);
        auto words = split_words(config::text_or_empty(parameters ? parameters->find("command") : nullptr));
        if (words.empty()) words.push_back("qdl");
        return words;
    }

    /// "qdl version v2.1-3-gabc"
    static std::pair<int, int> read_version(const std::string& output) {
        const auto digit = output.find_first_of("0123456789");
        if (digit == std::string::npos) return {0, 0};
        const auto dot = output.find_first_not_of("0123456789", digit);
        const auto major = whole_number(output.substr(digit, dot - digit)).value_or(0);
        if (dot == std::string::npos || output[dot] != '.') return {static_cast<int>(major), 0};
        const auto end = output.find_first_not_of("0123456789", dot + 1);
        const auto minor = whole_number(output.substr(dot + 1, end - dot - 1)).value_or(0);
        return {static_cast<int>(major), static_cast<int>(minor)};
    }

    Task<std::string> call(JobContext& job, std::vector<std::string> argv, std::string folder, Deadline deadline) {
        std::vector<std::string> errors;
        auto image = read_container(block().parameters.find("docker"), errors);
        if (!image) {
            Command command;
            command.argv = std::move(argv);
            command.folder = std::move(folder);
            co_return co_await run_program(job, std::move(command), deadline);
        }
        co_await fetch_image(job, *image, deadline);
        Container container{job, *image, level()};
        container.mount(folder, Container::Access::read).option("--workdir=" + folder);
        if (const auto board = find_usb(job, board_of(job))) container.option("--device=" + board->node.string());
        auto output = co_await run_container(job, std::move(container), argv, deadline);
        if (output.exit_code != 0) throw InfrastructureError{not_run(argv, output.text)};
        co_return std::move(output.text);
    }
};

class BootQdl final : public RetryAction {
public:
    BootQdl() : RetryAction{"boot-qdl-retry", "write the board with qdl, again if it fails"} {}
};

}  // namespace

fs::path in_archive(const fs::path& root, const std::string& name) {
    std::error_code missing;
    const auto place = fs::canonical(root / name, missing);
    if (missing) throw JobError{"the archive has no file '" + name + "'"};
    const auto inside = place.lexically_relative(fs::canonical(root));
    if (inside.empty() || *inside.begin() == "..") {
        throw JobError{"'" + name + "' is a link that leads out of the archive"};
    }
    return place;
}

bool stays_inside(const std::string& path) {
    const fs::path parts{path};
    const bool climbs = std::any_of(parts.begin(), parts.end(), [](const fs::path& part) { return part == ".."; });
    return !climbs && !parts.is_absolute() && !path.starts_with('-');
}

ActionPtr build_boot_qdl(const ActionBlock&, const JobContext& job) {
    auto boot = std::make_unique<BootQdl>();
    boot->add(make_connect_device());
    boot->add(make_reset_device(job));
    boot->add<EnterQdl>();
    boot->add(make_wait_usb("wait-qdl-device", board_of(job)));
    boot->add<FlashQdl>();
    return boot;
}

}  // namespace patchbay
