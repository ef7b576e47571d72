// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/bootloader/recorded_loader.hpp"

#include <algorithm>

namespace patchbay::testing {
namespace {

using Next = DialogueStep::Next;

/// What boots a board through its loader.
class LoaderSpeaker final : public Speaker {
public:
    LoaderSpeaker(InterruptPlan interrupt, CommandPlan commands)
        : interrupt_{std::move(interrupt)}, commands_{std::move(commands)} {}

    std::unique_ptr<Speaker> clone() const override { return std::make_unique<LoaderSpeaker>(*this); }

private:
    Dialogue& current() override { return stopped_ ? static_cast<Dialogue&>(commands_) : interrupt_; }

    DialogueStep after(DialogueStep step) override {
        if (stopped_ || step.next != Next::finished) return step;
        stopped_ = true;
        auto next = commands_.start();
        next.typing.insert(next.typing.begin(), step.typing.begin(), step.typing.end());
        return next;
    }

    InterruptDialogue interrupt_;
    CommandDialogue commands_;
    bool stopped_ = false;
};

const std::vector<std::string> uboot_errors{"Resetting CPU",
                                            "Must RESET board to recover",
                                            "TIMEOUT",
                                            "Retry count exceeded",
                                            "File not found",
                                            "Wrong Ramdisk Image Format",
                                            "ERROR: RD image overlaps OS image"};
const std::string kernel_starts = "Linux version";

std::vector<std::string> lines_of(const std::string& log) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < log.size();) {
        const auto end = std::min(log.find('\n', begin), log.size());
        lines.push_back(log.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

std::string joined(const std::vector<std::string>& lines, std::size_t begin, std::size_t end) {
    std::string text;
    for (auto i = begin; i < end; ++i) text += lines[i] + "\r\n";
    return text;
}

/// "U-Boot> dhcp", "hatch: tftpboot ...": the prompt of a line that shows a typed command; empty: it shows none.
std::string prompt_in(const std::string& line) {
    for (const std::string prompt : {"U-Boot> ", "juno# "}) {
        if (line.starts_with(prompt)) return prompt;
    }
    const auto colon = line.find(": tftpboot ");
    const bool word = colon != std::string::npos && line.find(' ') > colon;
    return word ? line.substr(0, colon + 2) : std::string{};
}

/// The exchanges that begin at line `i`, which then is the line behind them.
std::vector<Exchange> exchanges_at(const std::vector<std::string>& lines, std::size_t& i, const std::string& prompt) {
    std::vector<Exchange> exchanges;
    while (i < lines.size() && prompt_in(lines[i]) == prompt) {  // a board that starts anew has said something else
        Exchange exchange;
        exchange.command = exchange.echo = lines[i].substr(prompt.size());
        ++i;
        // What was typed stands at the prompt, the echo in the next line; or only the echo, at the prompt.
        if (i < lines.size() && lines[i].substr(0, 8) == exchange.command.substr(0, 8)) exchange.echo = lines[i++];
        exchange.echo += "\r\n";
        const auto from = i;
        while (i < lines.size() && prompt_in(lines[i]).empty() && lines[i].find(kernel_starts) == std::string::npos &&
               lines[i].find("[firmware-") == std::string::npos) {
            ++i;
        }
        exchange.answer = joined(lines, from, std::min(i + 1, lines.size()));
        if (i < lines.size() && prompt_in(lines[i]) == prompt) exchange.answer = joined(lines, from, i) + prompt;
        exchanges.push_back(std::move(exchange));
    }
    return exchanges;
}

void add_loaders(const std::vector<std::string>& lines, const std::string& name, std::vector<Loader>& found) {
    std::size_t begin = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto prompt = prompt_in(lines[i]);
        if (prompt.empty()) continue;
        const bool is_uboot = prompt == "U-Boot> " || prompt == "juno# ";
        // The question: U-Boot's, or the line with which depthcharge gives its version.
        const std::string question = is_uboot ? "Hit any key to stop autoboot" : "\\[firmware-";
        auto asks = i;
        while (asks > begin && lines[asks].find(is_uboot ? question : "[firmware-") == std::string::npos) --asks;
        auto loader = uboot(name + " boot " + std::to_string(found.size() + 1), prompt, question);
        if (!is_uboot) loader.interrupt.keys.clear();
        loader.banner = joined(lines, begin, asks + 1);
        loader.after_key = joined(lines, asks + 1, i) + prompt;
        loader.exchanges = exchanges_at(lines, i, prompt);
        begin = i;
        const auto& last = loader.exchanges.back().answer;
        // That lab's list had no such error: its jobs went on without a ramdisk.
        if (last.find("File not found") != std::string::npos)
            std::erase(loader.plan.errors.expressions, "File not found");
        if (last.find("Starting kernel") == std::string::npos) {
            loader.plan.final_message = loader.final_text = kernel_starts;
        }
        found.push_back(std::move(loader));
    }
}

std::size_t common_end(std::string_view one, std::string_view other) {
    const auto end = std::mismatch(one.rbegin(), one.rend(), other.rbegin(), other.rend()).first;
    return static_cast<std::size_t>(end - one.rbegin());
}

/// iPXE's prompt has a terminal sequence behind it, anywhere in which LAVA's line was logged: "iPXE> \e[?2boot", and
/// then "5hboot", the rest of the prompt and the echo.
void add_ipxe(const std::vector<std::string>& lines, const std::string& name, std::vector<Loader>& found) {
    const std::string prompt = "iPXE>", question = "Press Ctrl-B for the iPXE command line";
    Loader loader;
    loader.name = name + " ipxe";
    loader.interrupt = {question, {{Typing::Kind::control, "b"}}, prompt, true};
    loader.plan.prompt = loader.prompt_text = prompt;
    loader.plan.errors = {"ipxe", {"No configuration methods succeeded", "Connection timed out"}};
    loader.plan.final_message = loader.final_text = kernel_starts;
    auto* said = &loader.banner;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto at = lines[i].find(prompt);
        if (at == std::string::npos) {
            *said += lines[i] + "\r\n";
            if (loader.exchanges.empty() || lines[i].find(kernel_starts) == std::string::npos) continue;
            found.push_back(std::move(loader));
            return;
        }
        if (loader.exchanges.empty()) {
            const auto asked = lines[i].find(question);
            if (asked == std::string::npos || i + 1 == lines.size()) return;
            loader.banner += lines[i].substr(0, asked + question.size());
            loader.after_key = lines[i].substr(asked + question.size(), at - asked - question.size());
            said = &loader.after_key;
        }
        const auto shown = lines[i].substr(at + prompt.size());
        const auto echo = i + 1 < lines.size() ? lines[++i] : std::string{};
        const auto size = common_end(shown, echo);
        *said += prompt + shown.substr(0, shown.size() - size);
        loader.exchanges.push_back({echo.substr(echo.size() - size), echo + "\r\n", ""});
        said = &loader.exchanges.back().answer;
    }
}

}  // namespace

Loader uboot(std::string name, std::string prompt, std::string question) {
    Loader loader;
    loader.name = std::move(name);
    loader.interrupt = {std::move(question), {{Typing::Kind::line, ""}}, prompt, true};
    loader.plan.prompt = prompt;
    loader.plan.errors = {"u-boot", uboot_errors};
    loader.plan.final_message = loader.final_text = "Starting kernel";
    loader.prompt_text = std::move(prompt);
    return loader;
}

Recording recording_of(const Loader& loader) {
    Recording recording;
    recording.name = loader.name;
    recording.banner = loader.banner;
    recording.final_text = loader.final_text;
    auto plan = loader.plan;
    for (const auto& key : loader.interrupt.keys) {
        recording.turns.push_back({loader.interrupt.interrupt_prompt, key.text, "", loader.after_key});
    }
    if (loader.interrupt.keys.empty()) recording.banner += loader.after_key;
    for (const auto& exchange : loader.exchanges) {
        plan.commands.push_back(exchange.command);
        recording.turns.push_back({loader.prompt_text, exchange.command, exchange.echo, exchange.answer});
    }
    recording.speaker = std::make_shared<LoaderSpeaker>(loader.interrupt, std::move(plan));
    return recording;
}

std::vector<Recording> recordings_in(const std::string& log, const std::string& name) {
    std::vector<Loader> found;
    const auto lines = lines_of(log);
    add_loaders(lines, name, found);
    add_ipxe(lines, name, found);
    std::vector<Recording> recordings;
    for (const auto& loader : found) recordings.push_back(recording_of(loader));
    return recordings;
}

}  // namespace patchbay::testing
