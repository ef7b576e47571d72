// SPDX-License-Identifier: Apache-2.0
#include "tests/jobs/bootloader/conversation.hpp"

#include <algorithm>

namespace patchbay::testing {
namespace {

using Next = DialogueStep::Next;

/// How much of what was not understood can matter to the next match.
constexpr auto memory = Matcher::max_before;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) { return (hash ^ value) * 1099511628211u; }

bool holds(std::string_view heard, const std::string& text) {
    return heard.find(text) != std::string_view::npos ||
           without_noise(std::string{heard}).find(text) != std::string::npos;
}

}  // namespace

Play::Play(const Recording& recording, Line& line)
    : recording_{&recording},
      line_{&line},
      speaker_{recording.speaker->clone()},
      said_{std::make_shared<const std::string>(line.pass(recording.banner))} {
    take(speaker_->start());
}

Play::Play(const Play& other) : recording_{other.recording_}, line_{other.line_} { *this = other; }

Play& Play::operator=(const Play& other) {
    if (this == &other) return *this;
    recording_ = other.recording_;
    line_ = other.line_;
    speaker_ = other.speaker_->clone();
    matcher_ = other.matcher_;
    said_ = other.said_;
    arrived_ = other.arrived_;
    echo_begin_ = other.echo_begin_;
    answer_begin_ = other.answer_begin_;
    carried_ = other.carried_;
    trace_ = other.trace_;
    played_ = other.played_;
    over_ = other.over_;
    return *this;
}

void Play::arrive(std::size_t size) {
    size = std::min(size, waiting());
    matcher_.feed(std::string_view{*said_}.substr(arrived_, size));
    arrived_ += size;
    search();
}

bool Play::fall_silent() {
    if (over_) return false;
    const auto step = speaker_->silence(matcher_.unconsumed());
    if (!step) return false;
    take(*step);
    search();
    return true;
}

void Play::run() {
    for (int quiet = 0; quiet < 3 && !over_;) {
        if (waiting() == 0) {
            ++quiet;
            fall_silent();
            continue;
        }
        quiet = 0;
        if (line_->stalls()) fall_silent();
        if (!over_) arrive(std::max<std::size_t>(line_->next_piece(waiting()), 1));
    }
}

bool Play::same_as(const Play& other) const {
    const auto size = matcher_.unconsumed().size(), other_size = other.matcher_.unconsumed().size();
    return trace_ == other.trace_ && over_ == other.over_ && played_ == other.played_ && waiting() == other.waiting() &&
           std::min(size, memory) == std::min(other_size, memory);
}

void Play::search() {
    while (!over_) {
        const auto match = matcher_.search(speaker_->patterns());
        if (!match) return;
        trace_ = mixed(mixed(mixed(trace_, match->index), match->before.size()), std::hash<std::string>{}(match->text));
        take(speaker_->feed(*match));
    }
}

void Play::take(const DialogueStep& step) {
    for (const auto& typing : step.typing) type(typing);
    if (step.next == Next::wait) return;
    over_ = true;
    played_.end = step.next == Next::finished ? Played::End::succeeded : Played::End::failed;
    played_.error = step.error;
    if (step.next == Next::finished) {
        check_success();
    } else {
        check_failure();
    }
}

void Play::type(const Typing& typing) {
    const auto& turns = recording_->turns;
    const bool wanted = played_.typed < turns.size() &&
                        (turns[played_.typed].typed.empty() || turns[played_.typed].typed == typing.text);
    if (!wanted) {
        // The board, which has understood it before, says nothing to it.
        const auto before = turns.begin() + static_cast<std::ptrdiff_t>(played_.typed);
        const bool again = std::any_of(turns.begin(), before, [&](auto& turn) { return turn.typed == typing.text; });
        if (!again) played_.dishonest = "'" + typing.text + "' was typed, which nobody wanted";
        return;
    }
    const auto& turn = turns[played_.typed];
    check_asked(turn);
    ++played_.typed;
    carried_ = matcher_.unconsumed();
    auto said = said_->substr(arrived_);
    arrived_ = 0;
    echo_begin_ = said.size();
    said += line_->pass(turn.echo);
    answer_begin_ = said.size();
    said += line_->pass(turn.answer);
    said_ = std::make_shared<const std::string>(std::move(said));
}

/// What has arrived of the answer to the last typing.
std::string_view Play::answer() const {
    return arrived_ < answer_begin_ ? std::string_view{}
                                    : std::string_view{*said_}.substr(answer_begin_, arrived_ - answer_begin_);
}

void Play::check_asked(const Turn& turn) {
    if (turn.asked.empty() || holds(answer(), turn.asked)) return;
    // Of a board that gives no sign of an echo, a prompt from before it is all that can be known.
    if (arrived_ <= echo_begin_ && holds(carried_ + said_->substr(0, arrived_), turn.asked)) return;
    played_.dishonest = "'" + turn.typed + "' was typed without '" + turn.asked + "'";
}

void Play::check_success() {
    if (played_.typed != recording_->turns.size()) played_.dishonest = "a success before all was typed";
    if (recording_->final_text.empty() || holds(answer(), recording_->final_text)) return;
    played_.dishonest = "a success without '" + recording_->final_text + "'";
}

/// An error may quote what was heard.
void Play::check_failure() {
    const auto begin = played_.error.find('\'');
    if (begin == std::string::npos) return;
    const auto text = played_.error.substr(begin + 1, played_.error.find('\'', begin + 1) - begin - 1);
    const bool answers = played_.error.find("back at its prompt") != std::string::npos;
    if (answers ? holds(answer(), text) : holds(carried_ + said_->substr(0, arrived_), text)) return;
    played_.dishonest = "a failure without having heard '" + text + "'";
}

Played play(const Recording& recording, Line& line) {
    Play one{recording, line};
    one.run();
    return one.played();
}

std::size_t length_of(const Recording& recording) {
    auto length = recording.banner.size();
    for (const auto& turn : recording.turns) length += turn.echo.size() + turn.answer.size();
    return length;
}

}  // namespace patchbay::testing
