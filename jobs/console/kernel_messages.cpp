// SPDX-License-Identifier: Apache-2.0
#include "jobs/console/kernel_messages.hpp"

#include <array>
#include <string_view>

namespace patchbay {
namespace {

struct KernelPattern {
    const char* start;
    const char* end;
    std::string_view kind;  // "": from the text
    bool fatal = false;
};

constexpr std::array kernel_patterns{
    KernelPattern{R"(-\[ cut here \])", R"(-+\[ end trace \w* \]-+[^\n]*\r)", ""},
    KernelPattern{"Unhandled fault", R"(\r)", "fault"},
    KernelPattern{"BUG: KCSAN:", R"(=+\r)", "kcsan"},
    KernelPattern{"BUG: KASAN:", R"(=+\r)", "kasan"},
    KernelPattern{"BUG: KFENCE:", R"(=+\r)", "kfence"},
    KernelPattern{"Oops(?: -|:)", R"(\r)", "oops"},
    KernelPattern{"WARNING:", R"(end trace[^\r]*\r)", "warning"},
    KernelPattern{"(kernel BUG at|BUG:)", R"(\r)", "bug"},
    KernelPattern{"invalid opcode:", R"(\r)", "invalid opcode"},
    KernelPattern{"Kernel panic - not syncing", R"(end Kernel panic[^\r]*\r)", "panic", true},
    KernelPattern{"U-Boot SPL 20[0-9][0-9]", R"(\r)", "DUT_has_reset", true},
};
constexpr std::size_t panic = 9;

std::string_view kind_of_trace(std::string_view message) {
    if (message.find("Oops") != message.npos) return "oops";
    if (message.find("BUG") != message.npos) return "bug";
    if (message.find("WARNING") != message.npos) return "warning";
    return "unknown";
}

std::vector<std::string> other_patterns(const LoginWait& wait) {
    auto others = wait.prompts;
    if (!wait.failure_message.empty()) others.push_back(wait.failure_message);
    others.push_back(wait.login_prompt.empty() ? "Login timed out" : wait.login_prompt);
    others.push_back("Login incorrect");
    return others;
}

PatternSet start_set(const LoginWait& wait, const std::vector<std::string>& others) {
    std::vector<std::string> all;
    if (!wait.ignore_kernel_messages) {
        for (const auto& pattern : kernel_patterns) all.emplace_back(pattern.start);
    }
    all.insert(all.end(), others.begin(), others.end());
    return PatternSet::of(all);
}

}  // namespace

KernelMessages::KernelMessages(LoginWait wait)
    : wait_{std::move(wait)}, others_{other_patterns(wait_)}, starts_{start_set(wait_, others_)} {
    if (wait_.ignore_kernel_messages) return;
    const auto& compiled = starts_.patterns();
    for (const auto& pattern : kernel_patterns) {
        std::vector<Pattern> all{Pattern{pattern.end}};
        all.insert(all.end(), compiled.begin() + kernel_patterns.size(), compiled.end());
        ends_.emplace_back(std::move(all), SearchWindow::unlimited);
    }
}

KernelMessages::Step KernelMessages::feed(const Match& match) {
    const auto kernel = wait_.ignore_kernel_messages ? 0 : kernel_patterns.size();
    if (!pending_) {
        if (match.index >= kernel) return finish(match.index - kernel);
        pending_ = match.index;
        const auto line = match.before.rfind('\n');
        message_ = match.before.substr(line == std::string::npos ? 0 : line + 1) + match.text;
        return {};
    }
    if (match.index == 0) return kernel_message(std::move(message_) + match.before + match.text);
    // A board that restarts after a panic shows no end of it, but maybe the prompt of another system.
    if (pending_ == panic) return kernel_message(std::move(message_) + match.before.substr(0, match.before.find('\n')));
    pending_.reset();
    auto step = finish(match.index - 1);
    step.log.insert(step.log.begin(), LogLine{LogLevel::warning, "Unable to match end of the kernel message"});
    return step;
}

KernelMessages::Step KernelMessages::kernel_message(std::string message) {
    const auto& pattern = kernel_patterns[*pending_];
    pending_.reset();
    const std::string kind{pattern.kind.empty() ? kind_of_trace(message) : pattern.kind};
    Step step;
    if (pattern.fatal) {
        fatal_ = true;
        step.next = Next::fail;
        step.error = message;
        step.log.push_back({LogLevel::error, "login-action kernel '" + kind + "'"});
    } else {
        step.log.push_back({LogLevel::warning, "login-action: kernel '" + kind + "'"});
    }
    entries_.push_back({kind, std::move(message)});
    return step;
}

// `index` counts from the first pattern that is not the kernel's.
KernelMessages::Step KernelMessages::finish(std::size_t index) {
    const auto number = index + (wait_.ignore_kernel_messages ? 0 : kernel_patterns.size());
    Step step;
    step.log.push_back({LogLevel::debug, "Matched prompt #" + std::to_string(number) + ": " + others_[index]});
    if (index < wait_.prompts.size()) {
        step.next = Next::shell_prompt;
        return step;
    }
    index -= wait_.prompts.size();
    if (!wait_.failure_message.empty()) {
        if (index == 0) {
            step.next = Next::fail;
            step.error = "Matched job-specific failure message: '" + wait_.failure_message + "'";
            step.log.push_back({LogLevel::error, step.error});
            entries_.push_back({"custom-error", wait_.failure_message});
            fatal_ = true;
            return step;
        }
        --index;
    }
    if (wait_.login_prompt.empty()) {
        step.next = Next::fail;
        step.error = "auto_login not enabled but image requested login details.";
        return step;
    }
    step.next = index == 0 ? Next::login_prompt : Next::login_incorrect;
    return step;
}

std::optional<std::string> KernelMessages::expired() const {
    if (pending_ == panic) return "Kernel panic - not syncing";
    return std::nullopt;
}

config::List KernelMessages::extra() const {
    config::List list;
    for (const auto& [kind, message] : entries_) {
        list.push_back(config::Map{{"kind", kind}, {"message", message}});
    }
    return list;
}

}  // namespace patchbay
