// SPDX-License-Identifier: Apache-2.0
#pragma once
// Conversations with boot loaders, written by hand and cut out of logs of real boards.

#include <string>
#include <vector>

#include "jobs/bootloader/command_dialogue.hpp"
#include "jobs/bootloader/interrupt.hpp"
#include "tests/jobs/bootloader/conversation.hpp"

namespace patchbay::testing {

struct Exchange {
    std::string command;
    std::string echo;    ///< as the loader gave it back, with its line end
    std::string answer;  ///< what followed, with the next prompt
};

/// A boot loader, and what we want of it.
struct Loader {
    std::string name;
    InterruptPlan interrupt;
    std::string banner;       ///< until the loader's question
    std::string after_key;    ///< until its first prompt
    CommandPlan plan;         ///< without its commands, which are those of the exchanges
    std::string prompt_text;  ///< a prompt as it is printed
    std::string final_text;   ///< "": the plan has no final message
    std::vector<Exchange> exchanges;
};

/// A U-Boot with LAVA's error messages; an empty line stops it.
Loader uboot(std::string name, std::string prompt, std::string question);
Recording recording_of(const Loader& loader);

/// Hand-written, in the manner of each loader.
std::vector<Recording> written_recordings();
/// The boots in a log of lines, as LAVA keeps it. Nothing where none is known.
std::vector<Recording> recordings_in(const std::string& log, const std::string& name);

}  // namespace patchbay::testing
