// SPDX-License-Identifier: Apache-2.0
// boot: {method: uuu}
#include <algorithm>

#include "core/process/words.hpp"
#include "jobs/actions/board/board.hpp"
#include "jobs/actions/boot/boot.hpp"
#include "jobs/actions/bootloader/loader_settings.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/job_words.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/actions/programmers/programmers.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/actions/uuu/uuu.hpp"

namespace patchbay {
namespace {

bool has_bcu(const ActionBlock& block) {
    const auto commands = uuu_commands(block);
    return std::ranges::any_of(commands, [](const auto& command) { return command.first == "bcu"; });
}

/// Does bcu bring the board where uuu finds it, or is there nothing for uuu to do?
bool needs_no_rom(const ActionBlock& block) {
    const auto commands = uuu_commands(block);
    const auto words = job_words("commands", commands.front().second);
    const bool resets =
        commands.front().first == "bcu" && words.size() >= 2 && words[0] == "reset" && words[1] == "usb";
    return resets || std::ranges::all_of(commands, [](const auto& command) { return command.first == "bcu"; });
}

/// "1:14"
bool is_otg_path(const std::string& text) {
    const auto colon = text.find(':');
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return colon != std::string::npos && digits(std::string_view{text}.substr(0, colon)) &&
           digits(std::string_view{text}.substr(colon + 1));
}

/// "2-1.3"
bool is_bcu_id(const std::string& text) {
    const auto dash = text.find('-');
    return dash != std::string::npos && dash > 0 && dash + 1 < text.size() &&
           text.find_first_not_of("0123456789") == dash &&
           text.find_first_not_of("0123456789.", dash + 1) == std::string::npos;
}

class UuuBoot final : public Action {
public:
    explicit UuuBoot(UuuStatePtr state) : Action{"uuu-boot", "call uuu"}, state_{std::move(state)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        check_uuu(job, block(), errors);
        for (const auto& [protocol, arguments] : uuu_commands(block())) {
            static_cast<void>(job_words("commands", arguments));
        }
        co_return;
    }

    Task<> cleanup(JobContext& job) override {
        if (!std::exchange(bcu_began_, false)) co_return;
        std::vector<std::string> endings{"deinit"};
        for (auto& text : texts_of(uuu_option(job, "additional_bcu_cleanup_commands"))) endings.push_back(text);
        for (const auto& text : endings) {
            auto argv = bcu_words(job, *state_, split_words(text));
            co_await call(job, std::move(argv), Deadline::in(timeout()));
        }
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        const auto paths = image_paths(job, ns());
        for (const auto& [protocol, arguments] : uuu_commands(block())) {
            std::vector<std::string> words;
            for (const auto& word : job_words("commands", arguments)) words.push_back(substitute(word, paths));
            if (protocol == "bcu") {
                bcu_began_ = true;
                auto argv = bcu_words(job, *state_, std::move(words));
                co_await call(job, std::move(argv), deadline);
                continue;
            }
            auto argv = uuu_words(*state_);
            if (protocol != "uuu") argv.push_back(protocol + ":");
            argv.insert(argv.end(), words.begin(), words.end());
            // The board goes and comes on USB between two of them.
            co_await sleep_for(1s);
            co_await call(job, std::move(argv), deadline);
        }
    }

private:
    Task<> call(JobContext& job, std::vector<std::string> argv, Deadline deadline) {
        const auto shown = argv;
        const auto output = co_await run_uuu(job, block(), level(), std::move(argv), deadline);
        if (output.exit_code != 0) throw InfrastructureError{uuu_failure(shown, output)};
    }

    UuuStatePtr state_;
    bool bcu_began_ = false;
};

class Uuu final : public Action {
public:
    Uuu(const ActionBlock& block, const JobContext& job, UuuStatePtr state)
        : Action{"uuu", "bring the board to uuu, and call it"}, state_{std::move(state)} {
        add(make_disconnect_device());
        add(make_reset_device(job));
        if (!needs_no_rom(block)) {
            add(make_check_serial(state_));
            add(make_corrupt_boot_media(block, job, state_));
            add(make_reset_device(job));
        }
        add(make_connect_device());
        add<UuuBoot>(state_);
        add(make_disconnect_device());
    }

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        need_place(job, "usb_otg_path", "'1:14', as 'uuu -lsusb' prints it", errors);
        if (has_bcu(block())) {
            need_place(job, "bcu_board_id", "'2-1.3', as 'bcu lsftdi' prints it", errors);
            if (!uuu_option(job, "bcu_board_name")) {
                errors.push_back("'bcu_board_name' is not defined in boot.methods.uuu.options of the device");
            }
        }
        co_await Action::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        if (state_->loader_is_valid) {
            job.log.info("Skip uuu flash due to valid bootloader");
            co_return;
        }
        state_->usb_paths = co_await places(job, "usb_otg_path", is_otg_path, deadline);
        if (has_bcu(block())) {
            const auto ids = co_await places(job, "bcu_board_id", is_bcu_id, deadline);
            state_->bcu_id = ids.front();
        }
        co_await Action::run(job, deadline);
    }

private:
    static void need_place(const JobContext& job, const std::string& key, const std::string& example,
                           std::vector<std::string>& errors) {
        if (uuu_option(job, key) || uuu_option(job, key + "_command")) return;
        errors.push_back("boot.methods.uuu.options of the device has neither '" + key +
                         "', where the board is plugged in (" + example + "), nor '" + key +
                         "_command', a program that prints it");
    }

    /// As the device's file has them, else as its command prints them.
    static Task<std::vector<std::string>> places(JobContext& job, std::string key, bool (*is_right)(const std::string&),
                                                 Deadline deadline) {
        auto found = texts_of(uuu_option(job, key));
        const bool given = !found.empty() && std::ranges::all_of(found, is_right);
        if (!given && uuu_option(job, key + "_command")) {
            Command command;
            command.argv = texts_of(uuu_option(job, key + "_command"));
            if (command.argv.size() == 1) command.argv = split_words(command.argv.front());
            const auto printed =
                co_await run_program(job, std::move(command), deadline, "correct " + key + "_command of the device");
            found = split_words(printed);
        }
        if (!found.empty() && std::ranges::all_of(found, is_right)) co_return found;
        throw InfrastructureError{"the device's " + key + " is " + python_list(found) +
                                  ", which is no place on USB as the program writes it; correct it, or its '" + key +
                                  "_command', in boot.methods.uuu.options of the device"};
    }

    UuuStatePtr state_;
};

class UuuRetry final : public RetryAction {
public:
    explicit UuuRetry(UuuStatePtr state)
        : RetryAction{"uuu-boot-retry", "write the board with uuu, again if it fails"}, state_{std::move(state)} {}

protected:
    Task<> attempt(JobContext& job, Deadline deadline) override {
        *state_ = {};
        co_await RetryAction::attempt(job, deadline);
    }

private:
    UuuStatePtr state_;
};

}  // namespace

ActionPtr build_boot_uuu(const ActionBlock& block, const JobContext& job) {
    const auto state = std::make_shared<UuuState>();
    auto boot = std::make_unique<UuuRetry>(state);
    if (is_set(block, "skip_uuu_if_bootloader_valid", false)) {
        boot->add(make_check_bootloader_valid(block, job, state));
    }
    boot->add<Uuu>(block, job, state);
    return boot;
}

}  // namespace patchbay
