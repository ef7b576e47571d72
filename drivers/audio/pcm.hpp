// SPDX-License-Identifier: Apache-2.0
#pragma once
// One open end of a sound card. Nothing here waits: whoever has it polls its descriptors.

#include <alsa/asoundlib.h>
#include <poll.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "devices/audio/wav.hpp"

namespace patchbay {

/// What ALSA refused: "cannot open hw:CARD=Rig,DEV=0: No such device". Whoever knows the device makes an error of it.
struct PcmFailure : std::runtime_error {
    PcmFailure(const std::string& what, int code) : std::runtime_error{what}, error{code} {}
    int error;  ///< an errno, positive
};
/// The card has no such rate, number of channels or format.
struct PcmUnsuited : PcmFailure {
    using PcmFailure::PcmFailure;
};

class Pcm {
public:
    enum class Way { playback, capture };

    /// Opens it and sets it up; it does not run yet. S16 is taken where the card has it, else S32.
    Pcm(const std::string& name, Way way, std::size_t channels, int rate);

    SampleFormat format() const { return format_; }
    std::size_t bytes_a_frame() const { return bytes_of(format_) * channels_; }

    void start();
    /// Takes or gives as many whole frames as are possible now; returns the number of bytes, 0 for none. A run that
    /// broke off (an xrun) is counted and begun anew.
    std::size_t write(std::string_view frames);
    std::string read(std::size_t most_bytes);
    unsigned xruns() const { return xruns_; }

    /// What fits between us and the card.
    std::size_t buffer_bytes() const { return buffer_frames_ * bytes_a_frame(); }
    /// All that was written was given out, but at most the last `rest_bytes`.
    bool is_drained(std::size_t rest_bytes);
    /// When it began to run, on CLOCK_MONOTONIC; nullopt before, and where the card does not tell.
    std::optional<std::chrono::nanoseconds> started();

    /// Adds what to wait for.
    void add_descriptors(std::vector<pollfd>& all);

private:
    void check(long result, const std::string& what) const;
    void set_up(int rate);
    void recover(long error);

    struct Close {
        void operator()(snd_pcm_t* pcm) const { snd_pcm_close(pcm); }
    };
    std::string name_;
    Way way_;
    std::size_t channels_;
    std::unique_ptr<snd_pcm_t, Close> pcm_;
    SampleFormat format_ = SampleFormat::s16;
    snd_pcm_uframes_t buffer_frames_ = 0;
    unsigned xruns_ = 0;
};

}  // namespace patchbay
