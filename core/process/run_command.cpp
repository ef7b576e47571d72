// SPDX-License-Identifier: Apache-2.0
#include "core/process/run_command.hpp"

#include "core/process/process.hpp"
#include "core/process/words.hpp"

namespace patchbay {
namespace {

constexpr std::size_t longest_line = 64 * 1024;
// Commands that do not end at TERM are relay and flash tools that ignore it; LAVA kills at once.
constexpr auto stop_grace = 2s;

class LineCutter {
public:
    explicit LineCutter(const OnLine& on_line) : on_line_{on_line} {}

    void feed(std::string_view bytes) {
        pending_ += bytes;
        std::size_t begin = 0;
        for (auto end = pending_.find('\n'); end != std::string::npos; end = pending_.find('\n', begin)) {
            give(std::string_view{pending_}.substr(begin, end - begin));
            begin = end + 1;
        }
        pending_.erase(0, begin);
        if (pending_.size() >= longest_line) finish();
    }

    void finish() {
        if (!pending_.empty()) give(pending_);
        pending_.clear();
    }

private:
    void give(std::string_view line) {
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (on_line_) on_line_(line);
    }

    const OnLine& on_line_;
    std::string pending_;
};

using OnBytes = std::function<void(std::string_view)>;

Task<> pump(Process& process, const OnBytes& on_bytes) {
    for (;;) {
        const auto bytes = co_await process.read_some();
        if (bytes.empty()) co_return;
        on_bytes(bytes);
    }
}

/// The end of the command ends the race, also while a child in the background holds its output open; the end of the
/// output alone does not.
struct UntilCommandEnds {
    asio::cancellation_type operator()(std::exception_ptr, int) const { return asio::cancellation_type::all; }
    asio::cancellation_type operator()(std::exception_ptr error) const {
        return error ? asio::cancellation_type::all : asio::cancellation_type::none;
    }
};

Task<int> pump_to_end(Process& process, const OnBytes& on_bytes) {
    auto executor = co_await asio::this_coro::executor;
    auto race =
        asio::experimental::make_parallel_group(asio::co_spawn(executor, process.wait(), asio::deferred),
                                                asio::co_spawn(executor, pump(process, on_bytes), asio::deferred));
    auto done = co_await race.async_wait(UntilCommandEnds{}, asio::use_awaitable);
    if (std::get<1>(done)) std::rethrow_exception(std::get<1>(done));
    auto& pump_failure = std::get<3>(done);
    if (pump_failure && !is_cancellation(pump_failure)) std::rethrow_exception(pump_failure);
    if (const auto rest = process.read_available(); !rest.empty()) on_bytes(rest);
    co_return std::get<2>(done);
}

Task<int> run(Command command, OnBytes on_bytes, Deadline deadline) {
    const auto what = join_words(command.argv);
    if (command.stdio == Stdio::inherit || command.stdio == Stdio::null) command.stdio = Stdio::pipe;
    const auto executor = co_await asio::this_coro::executor;
    Process process{executor, std::move(command)};
    process.close_input();
    // stop() does nothing when the command has ended, so what it left in the background goes on.
    co_return co_await and_finally(with_deadline(deadline, what, pump_to_end(process, on_bytes)),
                                   process.stop(stop_grace));
}

}  // namespace

Task<CommandResult> run_command(Command command, OnLine on_line, Deadline deadline) {
    const auto begin = Clock::now();
    LineCutter lines{on_line};
    OnBytes on_bytes = [&lines](std::string_view bytes) { lines.feed(bytes); };
    CommandResult result;
    result.exit_code = co_await run(std::move(command), std::move(on_bytes), deadline);
    lines.finish();
    result.took = Clock::now() - begin;
    co_return result;
}

Task<CommandOutput> capture_command(Command command, Deadline deadline, std::size_t limit) {
    CommandOutput output;
    OnBytes on_bytes = [&output, limit](std::string_view bytes) {
        output.text += bytes.substr(0, limit - output.text.size());
    };
    output.exit_code = co_await run(std::move(command), std::move(on_bytes), deadline);
    co_return output;
}

}  // namespace patchbay
