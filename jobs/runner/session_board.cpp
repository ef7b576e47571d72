// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner/session_board.hpp"

#include "core/errors.hpp"
#include "core/text.hpp"
#include "devices/capability/line.hpp"
#include "devices/capability/power.hpp"
#include "devices/capability/serial_control.hpp"
#include "devices/capability/storage.hpp"
#include "jobs/runner/device_commands.hpp"

namespace patchbay {
namespace {

/// For one switch; the commands of a lab may poll an outlet for a minute.
constexpr auto switch_time = 120s;
constexpr auto dark = 2s;  // what cycle() waits
constexpr auto image_time = std::chrono::hours{6};

BoardAnswer switched(const std::string& what, const std::string& state, Switched how) {
    BoardAnswer answer;
    answer.state = state;
    answer.verified = how == Switched::verified;
    answer.text = what + " is " + state + (*answer.verified ? ", and reads back so" : "; it cannot be read back");
    return answer;
}

BoardAnswer told(const std::string& what, std::optional<bool> on, const std::string& yes, const std::string& no) {
    BoardAnswer answer;
    answer.state = !on ? "unknown" : *on ? yes : no;
    answer.text = what + (on ? " is " + answer.state : " cannot be read back");
    return answer;
}

JobError no_such_word(const std::string& what, const std::string& word, const std::string& known) {
    return JobError{what + ": '" + word + "' is none of " + known};
}

}  // namespace

SessionBoard::SessionBoard(const DeviceDescription& description, Device& device, SessionWitness& console,
                           std::string job, std::filesystem::path folder, std::function<void(std::string)> say)
    : description_{description},
      device_{device},
      console_{console},
      job_{std::move(job)},
      folder_{std::move(folder)},
      say_{std::move(say)} {}

Task<BoardAnswer> SessionBoard::obey(BoardCommand command) {
    BoardAnswer answer;
    const auto number = command.number;
    const auto limit = Deadline::in(command.what == "write" ? Clock::duration{image_time} : switch_time);
    auto what = "device " + device_.name() + ": " + command.what;
    std::exception_ptr failure;
    try {
        answer = co_await with_deadline(limit, std::move(what), run(std::move(command)));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure && is_cancellation(failure)) std::rethrow_exception(failure);
    if (failure) answer.error = describe(failure);
    answer.number = number;
    co_return answer;
}

Task<BoardAnswer> SessionBoard::run(BoardCommand command) {
    if (command.what == "power") co_return co_await power(command.value);
    if (command.what == "reset") co_return co_await reset();
    if (command.what == "line") co_return co_await line(command.name, command.value);
    if (command.what == "break" || command.what == "speed" || command.what == "dtr" || command.what == "rts")
        co_return co_await serial(command.what, command.value);
    if (command.what == "storage") co_return co_await connect_storage(command.name, command.value);
    if (command.what == "write") co_return co_await write_storage(command.name, command.value);
    throw no_such_word("command", command.what, "power, reset, line, break, speed, dtr, rts, storage, write");
}

void SessionBoard::lacks(const std::string& what, const std::string& advice) const {
    throw ConfigurationError{"device " + device_.name() + " has no " + what + "; " + advice};
}

Task<bool> SessionBoard::run_commands(std::string name) {
    const std::function<void(std::string_view)> on_line = [this](std::string_view line) {
        say_(">> " + std::string{line});
    };
    co_return co_await run_device_commands(description_, std::move(name), job_, Deadline::never(), on_line);
}

/// A driver's, or the commands that LAVA's device files have.
Task<BoardAnswer> SessionBoard::power(std::string value) {
    if (value == "cycle") co_return co_await cycle_power();
    auto* supply = device_.find<Power>();
    if (value == "status") {
        std::optional<bool> on;
        if (supply) on = co_await supply->is_on();
        co_return told("power", on, "on", "off");
    }
    if (value != "on" && value != "off") throw no_such_word("power", value, "on, off, cycle, status");
    if (supply && value == "off") co_return co_await open_supply(*supply);
    if (supply) {
        const auto how = co_await supply->on();
        co_return switched("power", value, how);
    }
    const bool has_command = co_await run_commands("power_" + value);
    if (!has_command)
        lacks("supply that can be switched", "give it 'power' under 'hardware', or commands.power_" + value);
    co_return switched("power", value, Switched::unverified);
}

/// Its console may say what the supply cannot.
Task<BoardAnswer> SessionBoard::open_supply(Power& supply) {
    auto* console = console_.if_open();
    const auto known = co_await switch_off_and_listen(supply, console, device_.name());
    auto answer = switched("power", "off", known == KnownBy::nothing ? Switched::unverified : Switched::verified);
    if (known == KnownBy::silence) answer.text = "power is off: the console is silent";
    co_return answer;
}

Task<BoardAnswer> SessionBoard::cycle_power() {
    if (auto* supply = device_.find<Power>()) {
        co_await open_supply(*supply);
        co_await sleep_for(dark);
        const auto how = co_await supply->on();
        co_return switched("power", "on", how);
    }
    const bool by_one_command = co_await run_commands("hard_reset");
    if (!by_one_command) {
        const std::string off = "off", on = "on";
        co_await power(off);
        co_await sleep_for(dark);
        co_return co_await power(on);
    }
    co_return switched("power", "on", Switched::unverified);
}

Task<BoardAnswer> SessionBoard::reset() {
    if (auto* wire = device_.find<Line>("reset")) {
        const auto how = co_await press(*wire);
        co_return switched("line reset", "released", how);
    }
    const bool has_command = co_await run_commands("hard_reset");
    if (!has_command)
        lacks("reset", "give it 'line: {reset: …}' under 'hardware', or commands.hard_reset, or cycle its power");
    BoardAnswer answer;
    answer.text = "the board was reset by its hard_reset command";
    answer.verified = false;
    co_return answer;
}

Task<BoardAnswer> SessionBoard::line(std::string name, std::string value) {
    auto* wire = device_.find<Line>(name);
    if (!wire) lacks("line '" + name + "'", "give it 'line: {" + name + ": …}' under 'hardware'");
    const auto what = "line " + name;
    if (value == "status") {
        const auto active = co_await wire->is_active();
        co_return told(what, active, "on", "off");
    }
    if (value == "press") {
        const auto how = co_await press(*wire);
        co_return switched(what, "released", how);
    }
    if (value != "on" && value != "off") throw no_such_word(what, value, "on, off, press, status");
    const auto how = co_await wire->set(value == "on");
    co_return switched(what, value, how);
}

Task<BoardAnswer> SessionBoard::serial(std::string what, std::string value) {
    auto* port = device_.find<SerialControl>();
    if (!port) lacks("serial port of its own", what + " goes only to a console on one");
    BoardAnswer answer;
    if (what == "break") {
        co_await port->send_break();
        answer.text = "a break was sent";
        co_return answer;
    }
    if (what == "dtr" || what == "rts") {
        if (value != "on" && value != "off") throw no_such_word(what, value, "on, off");
        if (what == "dtr")
            co_await port->set_dtr(value == "on");
        else
            co_await port->set_rts(value == "on");
        answer.text = what + " is " + value;
        co_return answer;
    }
    const auto speed = whole_number(value);
    if (!speed || *speed < 50 || *speed > 12'000'000)
        throw no_such_word("speed", value, "the speeds of serial ports, like 115200");
    co_await port->set_speed(static_cast<int>(*speed));
    answer.text = "the port runs at " + value + " bits a second";
    co_return answer;
}

Task<BoardAnswer> SessionBoard::connect_storage(std::string name, std::string side) {
    auto* medium = device_.find<Storage>(name);
    if (!medium) lacks("storage" + (name.empty() ? "" : " '" + name + "'"), "give it 'storage' under 'hardware'");
    if (side != "host" && side != "board" && side != "nobody")
        throw no_such_word("storage", side, "host, board, nobody");
    const auto to = side == "host"    ? Storage::Side::host
                    : side == "board" ? Storage::Side::board
                                      : Storage::Side::nobody;
    const auto how = co_await medium->connect(to);
    BoardAnswer answer;
    answer.state = side;
    answer.verified = how == Switched::verified;
    answer.text = "the medium is with " + (side == "nobody" ? side : "the " + side);
    if (!*answer.verified) answer.text += "; it cannot be read back";
    co_return answer;
}

/// Only a file that the daemon has put into the lease's folder.
Task<BoardAnswer> SessionBoard::write_storage(std::string name, std::string file) {
    auto* medium = device_.find<Storage>(name);
    if (!medium) lacks("storage" + (name.empty() ? "" : " '" + name + "'"), "give it 'storage' under 'hardware'");
    const auto image = folder_ / file;
    if (file.empty() || file.find('/') != std::string::npos || !std::filesystem::is_regular_file(image))
        throw JobError{"storage: there is no image '" + file + "' in this lease; upload it first"};
    std::int64_t told = 0;
    const Storage::OnProgress progress = [this, &told](std::int64_t done, std::int64_t of) {
        const auto percent = of > 0 ? done * 100 / of : 100;
        if (percent < told + 10) return;
        told = percent - percent % 10;
        say_("written " + std::to_string(percent) + " %");
    };
    co_await medium->write_image(image, progress);
    BoardAnswer answer;
    answer.verified = true;
    answer.text = "the image is written, and reads back the same";
    std::error_code ignored;
    std::filesystem::remove(image, ignored);
    co_return answer;
}

}  // namespace patchbay
