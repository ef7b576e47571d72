// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/bootloader/recorded_login.hpp"

#include <sstream>

#include "core/config/yaml.hpp"
#include "jobs/bootloader/kernel_dialogue.hpp"

namespace patchbay::testing {
namespace {

using Next = DialogueStep::Next;

const std::string shell = "root@board:~#";

/// What boots a system and logs in to it.
class LoginSpeaker final : public Speaker {
public:
    explicit LoginSpeaker(LoginPlan plan) : kernel_{wait_of(plan)}, login_{plan}, at_shell_{after_shell(plan)} {}

    std::unique_ptr<Speaker> clone() const override { return std::make_unique<LoginSpeaker>(*this); }

private:
    static LoginWait wait_of(const LoginPlan& plan) { return {plan.prompts, "", plan.login_prompt, false}; }
    static LoginPlan after_shell(LoginPlan plan) {
        plan.shell_came_first = true;
        return plan;
    }

    Dialogue& current() override {
        if (!booted_) return kernel_;
        return kernel_.at_shell() ? at_shell_ : login_;
    }

    DialogueStep after(DialogueStep step) override {
        if (booted_ || step.next != Next::finished) return step;
        booted_ = true;
        return current().start();
    }

    KernelDialogue kernel_;
    LoginDialogue login_, at_shell_;
    bool booted_ = false;
};

const std::string boot =
    "[    0.000000] Linux version 6.1\r\n[    1.204511] usb 1-1: new high-speed USB device\r\n"
    "[  OK  ] Reached target Login Prompts.\r\n\r\nDebian GNU/Linux 12 board ttyS0\r\n\r\nboard login: ";
const std::string motd =
    "Linux board 6.1 #1 SMP aarch64\r\n\r\nThe programs included are free software;\r\nLast login: Thu Jan  1 "
    "00:00:09 UTC 1970 on ttyS0\r\n\x1b[?2004h";

/// `answers`: to the name, the password where the plan has one, and each command.
Recording login(std::string name, const LoginPlan& plan, std::vector<std::string> answers) {
    Recording recording;
    recording.name = std::move(name);
    recording.banner = boot;
    recording.final_text = shell;
    recording.speaker = std::make_shared<LoginSpeaker>(plan);
    std::size_t next = 0;
    const auto add = [&](const std::string& asked, const std::string& typed, const std::string& echo) {
        if (next < answers.size()) recording.turns.push_back({asked, typed, echo, answers[next++]});
    };
    add("login:", plan.username, plan.username + "\r\n");
    if (!plan.password_prompt.empty()) add("Password:", plan.password, "\r\n");
    for (const auto& command : plan.commands) add(shell, command, command + "\r\n");
    return recording;
}

LoginPlan without_password() {
    auto plan = root_login();
    plan.password_prompt = plan.password = "";
    return plan;
}

LoginPlan with_commands() {
    auto plan = root_login();
    plan.commands = {"dmesg -n 1", "export PS1='root@board:~# '", "stty cols 200"};
    return plan;
}

/// Kernel and service manager, who do not care where a line of another begins.
Recording babbling() {
    auto one = login("babbling", with_commands(),
                     {"[    9.310021] random: crng done\r\nPassw[    9.400000] eth0: link up\r\n[    9.400100] eth0: "
                      "100 Mbps\r\nord: ",
                      motd + "root@bo[   10.000000] audit: type=1006\r\nard:~# ", "[   11.0] a\r\n" + shell + " ",
                      "roo<6>[   12.000000] wlan0: deauthenticated\r\nt@board:~# ", shell + " "});
    const std::string prompt = "board login: ";
    one.banner.insert(one.banner.size() - prompt.size() + 8, "[    8.999999] usb 1-1: USB disconnect\r\n");
    for (auto& turn : one.turns) turn.asked.clear();  // it stands nowhere in one piece
    return one;
}

std::string text_of(const config::Value& record, std::string_view key) {
    const auto* value = record.find(key);
    return value ? config::python_str(*value) : std::string{};
}

}  // namespace

LoginPlan root_login() {
    LoginPlan plan;
    plan.login_prompt = "login:";
    plan.username = "root";
    plan.password_prompt = "Password:";
    plan.password = "toor";
    plan.prompts = {shell};
    return plan;
}

std::vector<Recording> written_logins() {
    return {
        login("password", root_login(), {"Password: ", motd + shell + " "}),
        login("no password", without_password(), {motd + shell + " "}),
        login("commands", with_commands(),
              {"Password: ", motd + shell + " ", shell + " ", "\x1b[?2004l\r" + shell + " ", shell + " "}),
        login("prompt in the motd", root_login(),
              {"Password: ", "Welcome. You are at root@board:~# now\r\n" + motd + shell + " "}),
        babbling(),
    };
}

std::vector<Recording> written_refusals() {
    auto incorrect = login("incorrect", root_login(), {"Password: ", "\r\nLogin incorrect\r\nboard login: "});
    auto late = login("timed out", root_login(), {"Password: ", "\r\nLogin timed out after 60 seconds.\r\n"});
    auto other = login("another password prompt", root_login(), {"Kennwort: \r\nLogin timed out after 60 s.\r\n"});
    auto babble = login("babble without end", without_password(), {""});
    for (int i = 0; i < 200; ++i) {
        babble.turns[0].answer +=
            "[   12.000000] root@ board: # ~ usb 1-1: device not accepting address, error -71\r\n";
    }
    return {incorrect, late, other, babble};
}

std::vector<Recording> logins_in(const std::string& lava_log, const std::string& name) {
    // So much of the boot before: the prompt and what may be taken for one.
    constexpr std::size_t most = 8192;
    auto plan = without_password();
    plan.login_prompt = "(.*)login:";
    plan.prompts = {"root@(.*):[/~]#"};
    Recording recording;
    recording.name = name;
    recording.turns.push_back({"login:", plan.username, "", ""});
    recording.speaker = std::make_shared<LoginSpeaker>(plan);

    auto* said = &recording.banner;
    bool first_line = false;  // the one in which the name is echoed
    std::istringstream lines{lava_log};
    for (std::string line; std::getline(lines, line);) {
        // Some logs end within a line.
        if (!line.starts_with("- {\"dt\"") || !line.ends_with('}')) continue;
        const auto record = config::parse_yaml(line.substr(2));
        const auto level = text_of(record, "lvl"), text = text_of(record, "msg");
        if (text.starts_with("Sending username")) {
            first_line = true;
            said = &recording.turns[0].answer;
        }
        if (level != "target") continue;
        const auto prompt = text.find("login: ");
        if (std::exchange(first_line, false) && prompt != std::string::npos) {
            recording.banner += text.substr(0, prompt + 7);
            *said += text.substr(prompt + 7) + "\r\n";
            continue;
        }
        const auto root = text.find("root@"), end = text.find('#', std::min(root, text.size()));
        if (said != &recording.banner && end != std::string::npos) {
            *said += text;
            recording.final_text = text.substr(end - 2, 3);  // of ":~#" no character may be missing
            if (recording.banner.size() > most) recording.banner.erase(0, recording.banner.size() - most);
            return {recording};
        }
        *said += text + "\r\n";
    }
    return {};
}

}  // namespace patchbay::testing
