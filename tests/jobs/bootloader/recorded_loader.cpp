// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/bootloader/recorded_loader.hpp"

#include <algorithm>
#include <optional>

namespace patchbay::testing {
namespace {

using Next = DialogueStep::Next;

const std::string noise = "[ec] fan at 3000 rpm\r\n";

std::string without_noise(std::string text) {
    for (auto at = text.find(noise); at != std::string::npos; at = text.find(noise)) text.erase(at, noise.size());
    return text;
}

const std::vector<std::string> uboot_errors{"Resetting CPU",
                                            "Must RESET board to recover",
                                            "TIMEOUT",
                                            "Retry count exceeded",
                                            "File not found",
                                            "Wrong Ramdisk Image Format",
                                            "ERROR: RD image overlaps OS image"};

/// A boot: the loader on one side, our two dialogues on the other.
class Boot {
public:
    Boot(const Recording& recording, Line& line) : recording_{recording}, line_{line} {
        plan_ = recording.plan;
        for (const auto& exchange : recording.exchanges) plan_.commands.push_back(exchange.command);
        interrupt_.emplace(recording.interrupt);
        dialogue_ = &*interrupt_;
    }

    Played run() {
        say(recording_.banner);
        take(dialogue_->start());
        for (int quiet = 0; quiet < 3 && !over_;) {
            if (!waiting_.empty()) {
                quiet = 0;
                if (line_.stalls()) fall_silent();
                const auto size = std::clamp<std::size_t>(line_.next_piece(waiting_.size()), 1, waiting_.size());
                matcher_.feed(std::string_view{waiting_}.substr(0, size));
                heard_ += waiting_.substr(0, size);
                waiting_.erase(0, size);
                search();
            } else {
                ++quiet;
                fall_silent();
            }
        }
        return played_;
    }

private:
    void say(const std::string& text) { waiting_ += line_.pass(text); }

    void search() {
        while (!over_) {
            const auto match = matcher_.search(dialogue_->patterns());
            if (!match) return;
            take(dialogue_->feed(*match));
        }
    }

    void fall_silent() {
        if (over_) return;
        if (auto step = dialogue_->silence(matcher_.unconsumed())) take(std::move(*step));
        search();
    }

    void take(DialogueStep step) {
        for (const auto& typing : step.typing) typed(typing);
        if (step.next == Next::failed) {
            over_ = true;
            played_.end = Played::End::failed;
            played_.error = step.error;
            check_failure();
        } else if (step.next == Next::finished && dialogue_ == &*interrupt_) {
            if (step.typing.empty()) say(recording_.after_key);  // no key stopped it, it came to its prompt by itself
            commands_.emplace(plan_);
            dialogue_ = &*commands_;
            take(dialogue_->start());
        } else if (step.next == Next::finished) {
            over_ = true;
            played_.end = Played::End::booted;
            check_success();
        }
    }

    void typed(const Typing&) {
        if (dialogue_ == &*interrupt_) {
            say(recording_.after_key);
            return;
        }
        if (without_noise(heard_).find(recording_.prompt_text) == std::string::npos) {
            played_.dishonest = "a command was typed without a prompt";
        }
        heard_ = matcher_.unconsumed();
        const auto& exchange = recording_.exchanges[played_.typed++];
        say(exchange.echo);
        const auto begin = waiting_.size();
        say(exchange.answer);
        answer_ = waiting_.substr(begin);
    }

    void check_success() {
        if (played_.typed != recording_.exchanges.size()) played_.dishonest = "booted before all commands were typed";
        if (!recording_.final_text.empty() && answer_.find(recording_.final_text) == std::string::npos) {
            played_.dishonest = "booted without its final message";
        }
    }

    void check_failure() {
        const auto begin = played_.error.find('\'');
        const auto text = played_.error.substr(begin + 1, played_.error.find('\'', begin + 1) - begin - 1);
        if (heard_.find(text) == std::string::npos && answer_.find(text) == std::string::npos) {
            played_.dishonest = "failed without having heard '" + text + "'";
        }
    }

    const Recording& recording_;
    Line& line_;
    CommandPlan plan_;
    std::optional<InterruptDialogue> interrupt_;
    std::optional<CommandDialogue> commands_;
    Dialogue* dialogue_ = nullptr;
    Matcher matcher_;
    std::string waiting_;  // said, not yet arrived
    std::string heard_;    // since the last command
    std::string answer_;   // to the last command, as it will arrive
    Played played_;
    bool over_ = false;
};

Recording uboot(std::string name, std::string prompt, std::string question) {
    Recording recording;
    recording.name = std::move(name);
    recording.interrupt = {std::move(question), {{Typing::Kind::line, ""}}, prompt, true};
    recording.plan.prompt = prompt;
    recording.plan.errors = {"u-boot", uboot_errors};
    recording.plan.final_message = "Starting kernel";
    recording.prompt_text = std::move(prompt);
    recording.final_text = "Starting kernel";
    return recording;
}

void add(Recording& recording, const std::string& command, const std::string& answer) {
    recording.exchanges.push_back({command, command + "\r\n", answer});
}

Recording written_uboot() {
    auto loader = uboot("u-boot", "=>", "Hit any key to stop autoboot");
    loader.banner =
        "\xff\xfe\r\nU-Boot SPL 2023.01 (Jan 01 2023)\r\nTrying to boot from MMC1\r\n\r\nU-Boot 2023.01\r\n"
        "DRAM:  2 GiB\r\nHit any key to stop autoboot:  2 ";
    loader.after_key = "\b\b\b 0 \r\n=> \r\n=> ";  // the newline that stopped it asked for a second prompt
    add(loader, "setenv autoload no", "=> ");
    add(loader, "setenv note 'TIMEOUT => Starting kernel'", "=> ");
    add(loader, "dhcp", "BOOTP broadcast 1\r\nDHCP client bound to address 10.0.2.15 (3 ms)\r\n=> ");
    add(loader, "tftp 0x40080000 42/tftp-deploy-x/kernel/Image",
        "Using eth0 device\r\nLoading: *\b#################################\r\n\t 19.1 MiB/s\r\ndone\r\n"
        "Bytes transferred = 27000000 (19bfcc0 hex)\r\n=> ");
    add(loader, "printenv x", "x=a=>b\r\n=> ");
    add(loader, "booti 0x40080000 - 0x4FA00000",
        "## Flattened Device Tree blob at 4fa00000\r\n   Loading Device Tree to 5, end 6 ... OK\r\n\r\n"
        "Starting kernel ...\r\n\r\n[    0.000000] Linux version 6.1\r\n");
    return loader;
}

Recording written_uboot_that_fails() {
    auto loader = written_uboot();
    loader.name = "u-boot without a server";
    loader.exchanges.resize(3);
    add(loader, "tftp 0x40080000 42/tftp-deploy-x/kernel/Image",
        "Using eth0 device\r\nLoading: *\bT T T T T T T T T T \r\nRetry count exceeded; starting again\r\n=> ");
    add(loader, "booti 0x40080000 - 0x4FA00000", "Bad Linux ARM64 Image magic!\r\n=> ");
    return loader;
}

Recording written_grub() {
    Recording loader;
    loader.name = "grub";
    loader.interrupt = {"for a command-line", {{Typing::Kind::bytes, "c"}}, "grub>", true};
    loader.plan.prompt = "grub>";
    loader.plan.errors = {"grub", {"error: missing (.*) symbol.", "error: file '(.*)' not found"}};
    loader.prompt_text = "grub>";
    loader.banner =
        "\x1b[2J\x1b[01;01H\x1b[=3h GNU GRUB  version 2.06\x1b[5;3HPress enter to boot, `e' to edit or `c'\r\n"
        "for a command-line.";
    loader.after_key = "\x1b[2J\x1b[1;1H\r\n\x1b[0mgrub> ";
    for (const auto* command : {"net_bootp", "insmod linux", "linux (tftp,10.0.2.2)/42/Image console=ttyS0 ip=dhcp",
                                "initrd (tftp,10.0.2.2)/42/ramdisk.cpio.gz", "boot"}) {
        std::string echo;
        for (const char* c = command; *c != '\0'; ++c) echo += std::string("\x1b[0m\x1b[37m") + *c + "\x1b[1;9H";
        loader.exchanges.push_back({command, echo + "\r\n", "\x1b[2;1H\r\ngrub> "});
    }
    return loader;
}

Recording written_ipxe() {
    Recording loader;
    loader.name = "ipxe";
    loader.interrupt = {"Press Ctrl-B for the iPXE command line", {{Typing::Kind::control, "b"}}, "iPXE>", true};
    loader.plan.prompt = "iPXE>";
    loader.plan.errors = {"ipxe", {"No configuration methods succeeded", "Connection timed out"}};
    loader.prompt_text = "iPXE>";
    loader.banner = "\x1b[0m\x1b[1miPXE\x1b[0m initialising devices...ok\r\nPress Ctrl-B for the iPXE command line...";
    loader.after_key = "\r\n\x1b[1miPXE>\x1b[0m ";
    add(loader, "dhcp net0", "Configuring (net0 52:54:00:12:34:58)...... ok\r\niPXE> ");
    add(loader, "kernel tftp://10.0.2.2/42/bzImage console=ttyS0", "tftp://10.0.2.2/42/bzImage... ok\r\niPXE> ");
    add(loader, "boot", "");
    return loader;
}

Recording written_depthcharge() {
    auto loader = uboot("depthcharge", "dpch:", "Starting netboot");
    loader.interrupt.keys.clear();
    loader.banner = "Starting depthcharge on Kevin...\r\nStarting netboot on kevin...\r\n";
    loader.after_key = "Looking for network device... done.\r\ndpch: ";
    Exchange exchange;
    exchange.command = "tftpboot 10.0.0.1 42/tftp-deploy-x/kernel/bzImage 42/tftp-deploy-x/kernel/cmdline";
    exchange.echo = "tftpboot 10.0.0.1 42/tftp-deploy-x/kernel/bziploy-x/kernel/cmdline\r\n";
    exchange.answer =
        "Waiting for link\r\ndone.\r\nMy ip is 10.0.0.9\r\n00000000 ######## done.\r\n"
        "Exiting depthcharge with code 4\r\nStarting kernel ...\r\n";
    loader.exchanges.push_back(exchange);
    return loader;
}

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
    if (line.starts_with("U-Boot> ")) return "U-Boot> ";
    const auto colon = line.find(": tftpboot ");
    const bool word = colon != std::string::npos && line.find(' ') > colon;
    return word ? line.substr(0, colon + 2) : std::string{};
}

}  // namespace

std::size_t CutLine::next_piece(std::size_t waiting) {
    const auto size = left_ == 0 ? waiting : std::min(left_, waiting);
    left_ -= std::min(left_, size);
    return size;
}

std::string BadLine::pass(std::string_view bytes) {
    std::string passed;
    for (const char c : bytes) {
        if (is(Trouble::noise) && one_of(400)) passed += noise;
        if (is(Trouble::drops) && one_of(100)) continue;
        passed += c;
        if (is(Trouble::doubles) && one_of(100)) passed += c;
    }
    return passed;
}

std::size_t BadLine::next_piece(std::size_t waiting) { return is(Trouble::delays) ? 1 + random_() % 200 : waiting; }

bool BadLine::stalls() { return is(Trouble::delays) && one_of(4); }

Played play(const Recording& recording, Line& line) { return Boot{recording, line}.run(); }

std::size_t length_of(const Recording& recording) {
    auto length = recording.banner.size() + recording.after_key.size();
    for (const auto& exchange : recording.exchanges) length += exchange.echo.size() + exchange.answer.size();
    return length;
}

std::vector<Recording> written_recordings() {
    return {written_uboot(), written_uboot_that_fails(), written_grub(), written_ipxe(), written_depthcharge()};
}

std::vector<Recording> recordings_in(const std::string& log, const std::string& name) {
    const auto lines = lines_of(log);
    std::vector<Recording> found;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto prompt = prompt_in(lines[i]);
        if (prompt.empty()) continue;
        const bool is_uboot = prompt == "U-Boot> ";
        // The question: U-Boot's, or the line with which depthcharge gives its version.
        const std::string question = is_uboot ? "Hit any key to stop autoboot" : "\\[firmware-";
        auto asks = i;
        while (asks > begin && lines[asks].find(is_uboot ? question : "[firmware-") == std::string::npos) --asks;
        auto recording = uboot(name + " boot " + std::to_string(found.size() + 1), prompt, question);
        if (!is_uboot) recording.interrupt.keys.clear();
        recording.banner = joined(lines, begin, asks + 1);
        recording.after_key = joined(lines, asks + 1, i) + prompt;
        while (i < lines.size() && prompt_in(lines[i]) == prompt) {  // a board that starts anew has said something else
            Exchange exchange;
            exchange.command = exchange.echo = lines[i].substr(prompt.size());
            ++i;
            // What was typed stands at the prompt, the echo in the next line; or only the echo, at the prompt.
            if (i < lines.size() && lines[i].substr(0, 8) == exchange.command.substr(0, 8)) exchange.echo = lines[i++];
            exchange.echo += "\r\n";
            const auto from = i;
            while (i < lines.size() && prompt_in(lines[i]).empty() &&
                   lines[i].find("Linux version") == std::string::npos &&
                   lines[i].find("[firmware-") == std::string::npos) {
                ++i;
            }
            exchange.answer = joined(lines, from, std::min(i + 1, lines.size()));
            if (i < lines.size() && prompt_in(lines[i]) == prompt) exchange.answer = joined(lines, from, i) + prompt;
            recording.exchanges.push_back(std::move(exchange));
        }
        begin = i;
        if (recording.exchanges.back().answer.find("Starting kernel") == std::string::npos) {
            recording.plan.final_message = recording.final_text = "Linux version";
        }
        found.push_back(std::move(recording));
    }
    return found;
}

}  // namespace patchbay::testing
