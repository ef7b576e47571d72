// SPDX-License-Identifier: Apache-2.0
#include "drivers/audio/transfer.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "drivers/audio/pcm.hpp"

namespace patchbay {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr auto look_up = std::chrono::milliseconds{50};
// Four times the buffer: a card that moved nothing for so long does not run.
constexpr auto patience = std::chrono::seconds{2};

class Transfer {
public:
    Transfer(const TransferRequest& request, const std::atomic<bool>& stop) : request_{request}, stop_{stop} {
        if (!request.playback.empty()) {
            playback_.emplace(request.playback, Pcm::Way::playback, request.channels, request.rate);
            to_play_ = pcm_of(request.sound, playback_->format());
            // A card goes on after the last sample until the kernel sees that it ran dry, with what its buffer held
            // before: let that be silence.
            tail_ = playback_->buffer_bytes();
            if (!to_play_.empty()) to_play_.append(tail_, '\0');
            left_ = to_play_;
        }
        if (!request.capture.empty()) {
            capture_.emplace(request.capture, Pcm::Way::capture, request.channels, request.rate);
            if (!playback_) capture_until_ = bytes_captured_in(request.length);
        }
    }

    Audio::Looped run() {
        begin();
        while (playing_ || is_capturing()) {
            wait();
            if (stop_) throw TransferStopped{};
            if (!left_.empty()) play_some();
            if (capture_) capture_some();
            if (playing_ && left_.empty() && playback_->is_drained(tail_)) played_all();
            if (SteadyClock::now() - moved_ > patience) {
                const auto& name = playing_ ? request_.playback : request_.capture;
                throw PcmFailure{name + " stands still: no sample moved for 2 s", ETIMEDOUT};
            }
        }
        return result();
    }

private:
    std::size_t bytes_captured_in(std::chrono::milliseconds length) const {
        const auto frames = static_cast<std::size_t>(std::max<std::int64_t>(0, length.count() * request_.rate / 1000));
        return frames * capture_->bytes_a_frame();
    }

    void begin() {
        if (capture_) capture_->start();
        playing_ = playback_ && !left_.empty();
        if (!playing_) {
            played_all();
            return;
        }
        play_some();  // the card must have something when it starts
        playback_->start();
        if (capture_) between_starts();
    }

    void between_starts() {
        const auto played = playback_->started(), captured = capture_->started();
        if (played && captured) captured_after_played_ = *captured - *played;
    }

    bool is_capturing() const { return capture_ && (!capture_until_ || captured_.size() < *capture_until_); }

    void wait() {
        std::vector<pollfd> descriptors;
        if (!left_.empty()) playback_->add_descriptors(descriptors);
        if (capture_) capture_->add_descriptors(descriptors);
        // When all is written the card is only asked now and then whether it has given it out.
        ::poll(descriptors.data(), descriptors.size(), static_cast<int>(look_up.count()));
    }

    void play_some() {
        while (!left_.empty()) {
            const auto taken = playback_->write(left_);
            if (taken == 0) return;
            left_.remove_prefix(taken);
            moved_ = SteadyClock::now();
        }
    }

    void capture_some() {
        for (;;) {
            const auto bytes = capture_->read(16384 * capture_->bytes_a_frame());
            if (bytes.empty()) return;
            captured_ += bytes;
            // While something is played, that must move; what is captured may be silence for ever.
            if (!playing_) moved_ = SteadyClock::now();
        }
    }

    void played_all() {
        playing_ = false;
        moved_ = SteadyClock::now();
        if (capture_ && !capture_until_) capture_until_ = captured_.size() + bytes_captured_in(request_.length);
    }

    Audio::Looped result() {
        Audio::Looped looped;
        if (playback_) looped.played.xruns = playback_->xruns();
        if (capture_) {
            captured_.resize(std::min(captured_.size(), *capture_until_));
            looped.captured = {sound_of(captured_, capture_->format(), request_.channels, request_.rate),
                               capture_->xruns()};
        }
        looped.captured_after_played = captured_after_played_;
        return looped;
    }

    const TransferRequest& request_;
    const std::atomic<bool>& stop_;
    std::optional<Pcm> playback_, capture_;
    std::string to_play_, captured_;
    std::string_view left_;                     ///< of to_play_
    std::size_t tail_ = 0;                      ///< bytes of silence at the end of to_play_
    bool playing_ = false;                      ///< the card still gives out what was written, or waits for it
    std::optional<std::size_t> capture_until_;  ///< bytes; nullopt while something is played
    std::optional<std::chrono::nanoseconds> captured_after_played_;
    SteadyClock::time_point moved_ = SteadyClock::now();
};

}  // namespace

Audio::Looped transfer(const TransferRequest& request, const std::atomic<bool>& stop) {
    return Transfer{request, stop}.run();
}

}  // namespace patchbay
