// SPDX-License-Identifier: Apache-2.0
// test: {audio: [...]}: plays to the board and captures what it plays; measurements become results
// (docs/jobs-audio.md).
#include "jobs/actions/audio/audio.hpp"

#include <set>

#include "core/worker.hpp"
#include "devices/audio/plot.hpp"
#include "devices/audio/wav.hpp"
#include "jobs/actions/audio/judgement.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"
#include "jobs/actions/retry.hpp"
#include "jobs/results/record.hpp"

namespace patchbay {
namespace {

using Direction = AudioStep::Direction;

// A sound card's buffer, and what the way to the board and back may take beside it.
constexpr auto after_the_sound = std::chrono::milliseconds{500};
constexpr int most_attempts = 3;

/// All that is made of captured sound.
struct Findings {
    std::vector<AudioCase> cases;
    std::string wav, plot;
};

class TestAudio final : public Action {
public:
    TestAudio() : Action{"lava-test-audio", "play, capture and measure sound"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto* entries = block().parameters.find("audio")->as_list();
        if (!entries || entries->empty()) {
            errors.push_back("'audio' must be a list of what is to be played and captured");
            co_return;
        }
        auto taken = earlier_suites(job.definition);
        for (const auto& entry : *entries) {
            std::vector<std::string> problems;
            const auto step = read_audio_step(entry, problems);
            const auto suite = suite_of(job.definition, block(), step);
            if (!taken.insert(suite).second)
                problems.push_back(
                    "an entry before it has this name, too, and the results of both would be the suite " + suite +
                    ": give it another name");
            for (const auto& problem : problems) errors.push_back("audio " + step.name + ": " + problem);
            if (job.device.find<Audio>(step.hardware) == nullptr) {
                const auto name = step.hardware.empty() ? std::string{} : " '" + step.hardware + "'";
                errors.push_back("audio " + step.name + ": device " + job.device.name() + " has no audio" + name +
                                 ": take a device that has it, or ask the lab's owner for 'hardware: {audio: ...}'");
            }
        }
    }

protected:
    Task<> run(JobContext& job, Deadline) override {
        for (const auto& entry : *block().parameters.find("audio")->as_list()) {
            std::vector<std::string> problems;  // validate() told them
            const auto step = read_audio_step(entry, problems);
            co_await run_step(job, step, suite_of(job.definition, block(), step));
        }
    }

private:
    /// Its results and its files are called so.
    static std::string suite_of(const Definition& definition, const ActionBlock& block, const AudioStep& step) {
        return std::to_string(stage_of(definition, block, block.name_space)) + "_" + step.name;
    }

    /// Those of the audio tests before this one, in whatever namespace.
    std::set<std::string> earlier_suites(const Definition& definition) const {
        std::set<std::string> suites;
        for (const auto& other : definition.actions) {
            if (&other == &block()) break;
            const auto* audio = other.kind == ActionBlock::Kind::test ? other.parameters.find("audio") : nullptr;
            const auto* entries = audio ? audio->as_list() : nullptr;
            if (!entries) continue;
            for (const auto& entry : *entries) {
                std::vector<std::string> problems;  // told by its own test
                suites.insert(suite_of(definition, other, read_audio_step(entry, problems)));
            }
        }
        return suites;
    }

    Task<> run_step(JobContext& job, const AudioStep& step, const std::string& suite) {
        const auto start = Clock::now();
        std::exception_ptr failure;
        try {
            auto heard = co_await take_sound(job, step);
            if (step.direction != Direction::play) co_await tell(job, step, suite, std::move(heard));
        } catch (...) {
            failure = std::current_exception();
        }
        auto result = make_result("lava", suite, failure ? "fail" : "pass");
        result.set("duration", format_seconds(Clock::now() - start));
        job.log.results(std::move(result));
        if (failure) std::rethrow_exception(failure);
    }

    /// What the card had to wait for this host is a gap that is no fault of the board's: then it is done again.
    Task<Audio::Looped> take_sound(JobContext& job, const AudioStep& step) {
        auto& audio = job.device.need<Audio>(step.hardware);
        for (int attempt = 1;; ++attempt) {
            job.log.info("audio " + step.name + ": " + words_of(step));
            auto heard = co_await use(audio, step);
            const auto gaps = heard.captured.xruns + heard.played.xruns;
            if (gaps == 0) co_return std::move(heard);
            const auto text = "audio " + step.name + ": the sound card had to wait " + std::to_string(gaps) +
                              " times for this host, which is too busy";
            if (attempt == most_attempts)
                throw InfrastructureError{text + ", thrice in a row: give it fewer jobs at a time"};
            job.log.warning(text + "; once more");
        }
    }

    static std::string words_of(const AudioStep& step) {
        const auto what = std::to_string(step.channels) + " channels at " + std::to_string(step.rate) + " Hz for " +
                          format_seconds(step.length) + " s";
        switch (step.direction) {
            case Direction::play:
                return "playing " + what;
            case Direction::capture:
                return "capturing " + what;
            case Direction::loop:
                break;
        }
        return "playing and capturing " + what;
    }

    static Task<Audio::Looped> use(Audio& audio, const AudioStep& step) {
        Audio::Looped heard;
        if (step.direction == Direction::capture) {
            heard.captured = co_await audio.capture(step.length, step.channels, step.rate);
            co_return std::move(heard);
        }
        auto sound = sound_of(step);
        if (step.direction == Direction::play) {
            heard.played = co_await audio.play(std::move(sound));
        } else {
            heard = co_await audio.loop(std::move(sound), after_the_sound);
        }
        co_return std::move(heard);
    }

    static Task<> tell(JobContext& job, const AudioStep& step, const std::string& suite, Audio::Looped heard) {
        auto work = [step, heard = std::move(heard)] {
            return Findings{judge(step, heard), wav_of(heard.captured.sound), spectrum_plot(heard.captured.sound)};
        };
        const auto findings = co_await on_worker(job.workers, std::move(work));
        // The results come first: whatever becomes of the files, what was measured stays.
        for (const auto& each : findings.cases) {
            auto result = make_result(suite, each.name, each.passed ? "pass" : "fail");
            if (each.measurement) {
                result.set("measurement", rounded(*each.measurement));
                result.set("units", each.units);
            }
            if (!each.passed) {
                result.set("reason", each.reason);
                job.log.error("audio " + step.name + ": " + each.name + ": " + each.reason);
            }
            job.log.results(std::move(result));
        }
        job.log.artifact({suite + ".wav", "audio/wav", findings.wav});
        job.log.artifact({suite + ".png", "image/png", findings.plot});
    }

    /// Four digits behind the point: none of the measurements is better.
    static std::string rounded(double value) {
        char text[48];
        std::snprintf(text, sizeof text, "%.4f", value);
        return text;
    }
};

class AudioRetry final : public RetryAction {
public:
    AudioRetry() : RetryAction{"lava-test-audio-retry", "play, capture and measure sound, again if it fails"} {
        add<TestAudio>();
    }
};

}  // namespace

ActionPtr build_audio(const ActionBlock&, const JobContext&) { return std::make_unique<AudioRetry>(); }

}  // namespace patchbay
