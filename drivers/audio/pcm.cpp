// SPDX-License-Identifier: Apache-2.0
#include "drivers/audio/pcm.hpp"

#include <cerrno>

#include "core/deleter.hpp"

namespace patchbay {
namespace {

using HardwareParameters = std::unique_ptr<snd_pcm_hw_params_t, Deleter<snd_pcm_hw_params_free>>;
using SoftwareParameters = std::unique_ptr<snd_pcm_sw_params_t, Deleter<snd_pcm_sw_params_free>>;
using Status = std::unique_ptr<snd_pcm_status_t, Deleter<snd_pcm_status_free>>;

// Half a second: a busy host may look away for a while. Read and written in eighths.
constexpr unsigned buffer_microseconds = 500000, period_microseconds = 62500;

snd_pcm_format_t alsa_format(SampleFormat format) {
    return format == SampleFormat::s16 ? SND_PCM_FORMAT_S16_LE : SND_PCM_FORMAT_S32_LE;
}

/// What fails is told by what is thrown, and not on the runner's stderr as well.
void say_nothing(const char*, int, const char*, int, const char*, ...) {}

}  // namespace

Pcm::Pcm(const std::string& name, Way way, std::size_t channels, int rate)
    : name_{name}, way_{way}, channels_{channels} {
    snd_lib_error_set_handler(say_nothing);
    snd_pcm_t* opened = nullptr;
    // Without SND_PCM_NONBLOCK opening waits for another program that has it, for ever.
    const auto stream = way == Way::playback ? SND_PCM_STREAM_PLAYBACK : SND_PCM_STREAM_CAPTURE;
    check(snd_pcm_open(&opened, name.c_str(), stream, SND_PCM_NONBLOCK), "cannot open " + name);
    pcm_.reset(opened);
    set_up(rate);
}

void Pcm::check(long result, const std::string& what) const {
    if (result < 0) {
        throw PcmFailure{what + ": " + snd_strerror(static_cast<int>(result)), static_cast<int>(-result)};
    }
}

void Pcm::set_up(int rate) {
    snd_pcm_hw_params_t* raw = nullptr;
    check(snd_pcm_hw_params_malloc(&raw), "no memory");
    const HardwareParameters hardware{raw};
    check(snd_pcm_hw_params_any(pcm_.get(), raw), "cannot configure " + name_);
    const auto must = [&](int result, const std::string& what) {
        if (result == -EINVAL) throw PcmUnsuited{name_ + " has no " + what, EINVAL};
        check(result, "cannot configure " + name_ + " for " + what);
    };
    must(snd_pcm_hw_params_set_access(pcm_.get(), raw, SND_PCM_ACCESS_RW_INTERLEAVED), "interleaved samples");
    if (snd_pcm_hw_params_test_format(pcm_.get(), raw, SND_PCM_FORMAT_S16_LE) < 0) format_ = SampleFormat::s32;
    must(snd_pcm_hw_params_set_format(pcm_.get(), raw, alsa_format(format_)), "format S16_LE or S32_LE");
    must(snd_pcm_hw_params_set_channels(pcm_.get(), raw, static_cast<unsigned>(channels_)),
         std::to_string(channels_) + " channels");
    must(snd_pcm_hw_params_set_rate(pcm_.get(), raw, static_cast<unsigned>(rate), 0),
         "rate of " + std::to_string(rate) + " Hz");
    auto buffer = buffer_microseconds, period = period_microseconds;
    must(snd_pcm_hw_params_set_buffer_time_near(pcm_.get(), raw, &buffer, nullptr), "buffer");
    must(snd_pcm_hw_params_set_period_time_near(pcm_.get(), raw, &period, nullptr), "period");
    check(snd_pcm_hw_params(pcm_.get(), raw), "cannot configure " + name_);
    check(snd_pcm_hw_params_get_buffer_size(raw, &buffer_frames_), "cannot configure " + name_);

    snd_pcm_sw_params_t* software = nullptr;
    check(snd_pcm_sw_params_malloc(&software), "no memory");
    const SoftwareParameters owned{software};
    check(snd_pcm_sw_params_current(pcm_.get(), software), "cannot configure " + name_);
    snd_pcm_uframes_t boundary = 0;
    check(snd_pcm_sw_params_get_boundary(software, &boundary), "cannot configure " + name_);
    // It starts when we say so, and not when the buffer is full.
    check(snd_pcm_sw_params_set_start_threshold(pcm_.get(), software, boundary), "cannot configure " + name_);
    check(snd_pcm_sw_params_set_tstamp_mode(pcm_.get(), software, SND_PCM_TSTAMP_ENABLE), "cannot configure " + name_);
    check(snd_pcm_sw_params_set_tstamp_type(pcm_.get(), software, SND_PCM_TSTAMP_TYPE_MONOTONIC),
          "cannot configure " + name_);
    check(snd_pcm_sw_params(pcm_.get(), software), "cannot configure " + name_);
}

void Pcm::start() { check(snd_pcm_start(pcm_.get()), "cannot start " + name_); }

void Pcm::recover(long error) {
    if (error != -EPIPE) check(error, (way_ == Way::playback ? "cannot write to " : "cannot read from ") + name_);
    ++xruns_;
    check(snd_pcm_prepare(pcm_.get()), "cannot go on with " + name_);
    if (way_ == Way::capture) start();  // playback starts with the next samples
}

std::size_t Pcm::write(std::string_view frames) {
    const auto wanted = static_cast<snd_pcm_uframes_t>(frames.size() / bytes_a_frame());
    const auto written = snd_pcm_writei(pcm_.get(), frames.data(), wanted);
    if (written == -EAGAIN) return 0;
    if (written < 0) {
        recover(written);
        return 0;
    }
    if (xruns_ > 0 && snd_pcm_state(pcm_.get()) == SND_PCM_STATE_PREPARED) start();
    return static_cast<std::size_t>(written) * bytes_a_frame();
}

std::string Pcm::read(std::size_t most_bytes) {
    std::string bytes(most_bytes, '\0');
    const auto got = snd_pcm_readi(pcm_.get(), bytes.data(), most_bytes / bytes_a_frame());
    if (got == -EAGAIN) return {};
    if (got < 0) {
        recover(got);
        return {};
    }
    bytes.resize(static_cast<std::size_t>(got) * bytes_a_frame());
    return bytes;
}

bool Pcm::is_drained(std::size_t rest_bytes) {
    snd_pcm_sframes_t left = 0;
    const auto result = snd_pcm_delay(pcm_.get(), &left);
    if (result == -EPIPE) return true;  // it ran dry: that is the end of the sound, and no xrun
    check(result, "cannot ask " + name_);
    return left <= static_cast<snd_pcm_sframes_t>(rest_bytes / bytes_a_frame());
}

std::optional<std::chrono::nanoseconds> Pcm::started() {
    snd_pcm_status_t* raw = nullptr;
    check(snd_pcm_status_malloc(&raw), "no memory");
    const Status status{raw};
    check(snd_pcm_status(pcm_.get(), raw), "cannot ask " + name_);
    snd_htimestamp_t time{};
    snd_pcm_status_get_trigger_htstamp(raw, &time);
    if (time.tv_sec == 0 && time.tv_nsec == 0) return std::nullopt;
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

void Pcm::add_descriptors(std::vector<pollfd>& all) {
    const auto count = snd_pcm_poll_descriptors_count(pcm_.get());
    check(count, "cannot wait for " + name_);
    const auto first = all.size();
    all.resize(first + static_cast<std::size_t>(count));
    check(snd_pcm_poll_descriptors(pcm_.get(), all.data() + first, static_cast<unsigned>(count)),
          "cannot wait for " + name_);
}

}  // namespace patchbay
