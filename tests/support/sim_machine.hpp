// SPDX-License-Identifier: Apache-2.0
#pragma once
// A simulated machine: what a virtual machine or a board looks like from above the drivers, with no process behind it.
//
//   auto board = std::make_shared<SimBoard>();
//   board->boot = {say("Linux version 6.1\r\n"), pause(3s), say_prompt()};
//   board->answers = {{"uname", "Linux\r\n"}};
//   Device device = make_sim_device(io.get_executor(), "sim-01", board);

#include <boost/asio/any_io_executor.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "devices/capability/audio.hpp"
#include "devices/capability/network.hpp"
#include "devices/capability/storage.hpp"
#include "devices/device.hpp"

namespace patchbay::testing {

/// One thing that the guest does while it boots.
struct SimStep {
    enum class Kind { say, pause, expect, file, silence, close };
    Kind kind = Kind::silence;
    std::string text;
    Clock::duration time{0};
};
SimStep say(std::string text);
SimStep pause(Clock::duration time);
/// Waits until a line containing `text` was typed.
SimStep expect_line(std::string text);
/// Waits until there is this file: what a program beside the machine has done.
SimStep await_file(std::string path);
/// Says nothing more, and answers nothing.
SimStep silence();
/// The console ends, as when QEMU dies.
SimStep hang_up();
/// The prompt of SimBoard.
SimStep say_prompt();

/// What the guest's shell says to a typed line that contains `contains`. The first that fits is taken.
struct SimAnswer {
    std::string contains;
    std::string says;  ///< before the next prompt; "\r\n" ends lines, as on a serial line
    Clock::duration after{0};
    bool prompts = true;    ///< false: no prompt follows
    bool hangs_up = false;  ///< the console ends
};

/// The script of one machine, and what happened to it.
struct SimBoard {
    std::vector<SimStep> boot{say_prompt()};
    /// Replaces `boot` for the n-th boot (0 is the first); beyond its end, `boot` again.
    std::vector<std::vector<SimStep>> boots_in_turn;
    std::vector<SimAnswer> answers;
    /// Asked when no answer fits; the text it returns is said before the prompt.
    std::function<std::string(const std::string& line)> answer_other;
    /// A real program that the guest runs for this line, before the prompt; empty: none. Needs real time.
    std::function<std::vector<std::string>(const std::string& line)> answer_command;
    std::string prompt = "root@pb-guest:/home# ";
    bool takes_images = true;  ///< false: a board without DirectBoot; it boots when it gets power
    bool has_supply = true;    ///< false: no Power
    bool on_at_open = false;   ///< it runs when its console is opened: the lab's commands have switched it on
    bool echoes = true;
    std::string tftp_address = "10.0.2.2";  ///< of a network of its own; empty: it is in the lab's
    std::shared_ptr<Audio> audio;           ///< its sound; null: it has none
    std::shared_ptr<Network> network;       ///< null: it has none
    std::map<std::string, std::shared_ptr<Storage>> media;
    Clock::duration boot_takes{0}, off_takes{0};
    std::string boot_fails;   ///< InfrastructureError with this text
    std::string probe_fails;  ///< ConfigurationError with this text
    std::string off_fails;    ///< InfrastructureError with this text, after off_takes
    bool off_never_ends = false;
    bool unverified = false;      ///< nothing can be read back of the supply
    bool off_lies = false;        ///< and its contact is another board's: this one runs on
    std::string last_words;       ///< said when it loses power
    Clock::duration off_late{0};  ///< it loses power so long after the order was taken
    std::size_t chunk = 0;        ///< the most bytes that one read gives; 0: all there are

    // What happened.
    bool powered = false;
    int boots = 0, offs = 0, made_safe = 0;
    std::string typed;
    std::vector<std::vector<std::string>> commands;
    std::filesystem::path served;  ///< by the network of the last command
};

DriverPtr make_sim_machine(asio::any_io_executor executor, std::shared_ptr<SimBoard> board);
Device make_sim_device(asio::any_io_executor executor, std::string name, std::shared_ptr<SimBoard> board);

}  // namespace patchbay::testing
