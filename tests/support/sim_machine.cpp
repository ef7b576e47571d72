// SPDX-License-Identifier: Apache-2.0
#include "tests/support/sim_machine.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <utility>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/process/run_command.hpp"
#include "core/process/words.hpp"
#include "core/task_group.hpp"
#include "devices/capability/console.hpp"
#include "devices/capability/direct_boot.hpp"
#include "devices/capability/power.hpp"

namespace patchbay::testing {
namespace {

/// The line between guest and console. Kept alive by whoever waits on it.
struct Line {
    explicit Line(const asio::any_io_executor& executor) : changed{executor} {
        changed.expires_at(Clock::time_point::max());
    }
    std::string to_host, to_guest;
    bool ended = false;
    Timer changed;

    void notify() { changed.cancel(); }
};

Task<> until_changed(std::shared_ptr<Line> line) {
    boost::system::error_code ignored;  // a real cancellation is thrown by the next wait
    co_await line->changed.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void tell(Line& line, std::string_view text) {
    line.to_host += text;
    line.notify();
}

void end(Line& line) {
    line.ended = true;
    line.notify();
}

/// The next typed line; echoes it.
Task<std::string> typed_line(std::shared_ptr<Line> line, std::shared_ptr<SimBoard> board) {
    std::size_t stop = 0;
    while ((stop = line->to_guest.find_first_of("\r\n")) == std::string::npos) co_await until_changed(line);
    auto text = line->to_guest.substr(0, stop);
    const bool both = line->to_guest.substr(stop, 2) == "\r\n";
    line->to_guest.erase(0, stop + (both ? 2 : 1));
    if (board->echoes) tell(*line, text + "\r\n");
    co_return text;
}

/// Returns false when the guest does nothing more.
Task<bool> perform(SimStep step, std::shared_ptr<Line> line, std::shared_ptr<SimBoard> board) {
    switch (step.kind) {
        case SimStep::Kind::say:
            tell(*line, step.text.empty() ? board->prompt : step.text);
            break;
        case SimStep::Kind::pause:
            co_await sleep_for(step.time);
            break;
        case SimStep::Kind::expect:
            for (;;) {
                const auto text = co_await typed_line(line, board);
                if (text.find(step.text) != std::string::npos) break;
            }
            break;
        case SimStep::Kind::file:
            while (!std::filesystem::exists(step.text)) co_await sleep_for(10ms);
            break;
        case SimStep::Kind::silence:
            co_return false;
        case SimStep::Kind::close:
            end(*line);
            co_return false;
    }
    co_return true;
}

SimAnswer answer_to(const std::string& text, const SimBoard& board) {
    for (const auto& answer : board.answers) {
        if (text.find(answer.contains) != std::string::npos) return answer;
    }
    SimAnswer other;
    if (board.answer_other) other.says = board.answer_other(text);
    return other;
}

/// `…; echo "…$?…"`: what a shell prints at the end of such a line; "": it is another line.
std::string status_text(const std::string& typed, int code) {
    const std::string echo = "; echo \"", status = "$?";
    const auto begin = typed.rfind(echo);
    if (begin == std::string::npos) return "";
    auto text = typed.substr(begin + echo.size());
    const auto at = text.find(status);
    if (at == std::string::npos) return "";
    text.replace(at, status.size(), std::to_string(code));
    return text.substr(0, text.rfind('"')) + "\r\n";
}

Task<> guest(std::shared_ptr<Line> line, std::shared_ptr<SimBoard> board, std::vector<SimStep> steps) {
    for (const auto& step : steps) {
        const bool goes_on = co_await perform(step, line, board);
        if (!goes_on) co_return;
    }
    for (;;) {
        const auto text = co_await typed_line(line, board);
        Command command;
        if (board->answer_command) command.argv = board->answer_command(text);
        if (!command.argv.empty()) {
            const auto output = co_await capture_command(std::move(command), Deadline::in(1min));
            tell(*line, output.text + status_text(text, output.exit_code) + board->prompt);
            continue;
        }
        const auto answer = answer_to(text, *board);
        if (answer.after > Clock::duration{0}) co_await sleep_for(answer.after);
        tell(*line, answer.says);
        if (answer.hangs_up) {
            end(*line);
            co_return;
        }
        if (answer.prompts) tell(*line, status_text(text, 0) + board->prompt);
    }
}

class SimMachine final : public Driver, public DirectBoot, public Power, public Console {
public:
    SimMachine(asio::any_io_executor executor, std::shared_ptr<SimBoard> board)
        : executor_{executor}, board_{std::move(board)}, guests_{executor}, later_{executor} {}

    void offer(Capabilities& device, const std::string& name) override {
        if (!board_->takes_images) line_ = std::make_shared<Line>(executor_);
        if (board_->takes_images) device.add<DirectBoot>(*this, name);
        if (board_->has_supply) device.add<Power>(*this, name);
        device.add<Console>(*this, name);
        if (board_->audio) device.add<Audio>(*board_->audio, name);
        if (board_->network) device.add<Network>(*board_->network, name);
        for (const auto& [medium, storage] : board_->media) device.add<Storage>(*storage, medium);
    }

    Task<> make_safe() override {
        ++board_->made_safe;
        co_await off();
    }

    Task<BootProgram> probe() override {
        if (!board_->probe_fails.empty()) throw ConfigurationError{board_->probe_fails};
        BootProgram program;
        program.package = "sim-machine";
        program.version = "1";
        program.host_architecture = "amd64";
        program.architecture = "x86_64";
        co_return program;
    }

    std::vector<std::string> command(const std::vector<std::string>& image_arguments,
                                     const std::filesystem::path& served) const override {
        board_->served = served;
        std::vector<std::string> words{"sim-machine"};
        for (const auto& argument : image_arguments) {
            for (auto& word : split_command_line(argument)) words.push_back(std::move(word));
        }
        return words;
    }

    Task<> boot(std::vector<std::string> command) override {
        co_await drop_guest();
        board_->commands.push_back(std::move(command));
        const auto turn = static_cast<std::size_t>(board_->boots++);
        if (board_->boot_takes > Clock::duration{0}) co_await sleep_for(board_->boot_takes);
        if (!board_->boot_fails.empty()) throw InfrastructureError{board_->boot_fails};
        board_->powered = true;
        connect_guest();
        auto steps = turn < board_->boots_in_turn.size() ? board_->boots_in_turn[turn] : board_->boot;
        guests_.spawn("simulated guest", guest(line_, board_, std::move(steps)));
    }

    GuestDrive guest_drive() const override { return GuestDrive{"ide", "lavatest"}; }
    std::string tftp_address() const override { return board_->tftp_address; }

    Task<Switched> on() override {
        std::vector<std::string> nothing;
        if (!board_->takes_images) co_await boot(std::move(nothing));
        co_return Switched::verified;
    }

    Task<Switched> off() override {
        ++board_->offs;
        if (board_->off_takes > Clock::duration{0}) co_await sleep_for(board_->off_takes);
        if (board_->off_never_ends) co_await sleep_until(Clock::time_point::max());
        if (!board_->off_fails.empty()) throw InfrastructureError{board_->off_fails};
        if (board_->off_late > Clock::duration{0} && board_->powered) {
            later_.spawn("late supply", lose_power_late());
        } else if (!board_->off_lies) {
            co_await lose_power();
        }
        co_return board_->unverified ? Switched::unverified : Switched::verified;
    }

    Task<std::optional<bool>> is_on() override { co_return board_->powered; }

    Task<> open() override {
        if (!board_->takes_images && line_->ended) line_ = std::make_shared<Line>(executor_);
        std::vector<std::string> nothing;
        if (board_->on_at_open && !board_->powered) co_await boot(std::move(nothing));
    }

    Task<std::string> read_some() override {
        const auto line = line_;
        if (!line) co_return std::string{};
        while (line->to_host.empty() && !line->ended) co_await until_changed(line);
        const auto size = board_->chunk == 0 ? line->to_host.size() : std::min(board_->chunk, line->to_host.size());
        auto bytes = line->to_host.substr(0, size);
        line->to_host.erase(0, size);
        co_return bytes;
    }

    Task<> write(std::string bytes) override {
        if (!board_->powered && !board_->takes_images) {  // the serial line of a board that is off takes everything
            board_->typed += bytes;
            co_return;
        }
        if (!line_ || line_->ended) throw ConnectionClosedError{"the simulated machine is off"};
        board_->typed += bytes;
        line_->to_guest += bytes;
        line_->notify();
        co_return;
    }

    Task<> close() override { co_return; }

    std::string description() const override { return "simulated machine"; }

private:
    Task<> lose_power() {
        if (line_ && board_->powered) tell(*line_, board_->last_words);
        co_await drop_guest();
    }

    Task<> lose_power_late() {
        co_await sleep_for(board_->off_late);
        co_await lose_power();
    }

    Task<> drop_guest() {
        guests_.cancel();
        co_await guests_.join();
        if (line_ && board_->takes_images) end(*line_);
        board_->powered = false;
    }

    /// A serial line outlasts its board: what the board said and nobody has read waits in it for the next reader.
    void connect_guest() {
        if (!line_ || line_->ended) {
            line_ = std::make_shared<Line>(executor_);
        } else {
            line_->to_guest.clear();
        }
    }

    asio::any_io_executor executor_;
    std::shared_ptr<SimBoard> board_;
    std::shared_ptr<Line> line_;
    TaskGroup guests_, later_;
};

SimStep step(SimStep::Kind kind, std::string text, Clock::duration time) {
    SimStep made;
    made.kind = kind;
    made.text = std::move(text);
    made.time = time;
    return made;
}

}  // namespace

SimStep say(std::string text) { return step(SimStep::Kind::say, std::move(text), Clock::duration{0}); }
SimStep pause(Clock::duration time) { return step(SimStep::Kind::pause, "", time); }
SimStep expect_line(std::string text) { return step(SimStep::Kind::expect, std::move(text), Clock::duration{0}); }
SimStep await_file(std::string path) { return step(SimStep::Kind::file, std::move(path), Clock::duration{0}); }
SimStep silence() { return step(SimStep::Kind::silence, "", Clock::duration{0}); }
SimStep hang_up() { return step(SimStep::Kind::close, "", Clock::duration{0}); }
SimStep say_prompt() { return say(""); }

DriverPtr make_sim_machine(asio::any_io_executor executor, std::shared_ptr<SimBoard> board) {
    return std::make_unique<SimMachine>(std::move(executor), std::move(board));
}

Device make_sim_device(asio::any_io_executor executor, std::string name, std::shared_ptr<SimBoard> board) {
    std::vector<NamedDriver> drivers;
    drivers.push_back({make_sim_machine(std::move(executor), std::move(board)), ""});
    return Device{std::move(name), std::move(drivers)};
}

}  // namespace patchbay::testing
