// SPDX-License-Identifier: Apache-2.0
#include "jobs/definition/audio_step.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/config/python_text.hpp"
#include "jobs/definition/full_schema.hpp"

namespace patchbay {
namespace {

using config::Value;
using Signal = AudioStep::Signal;
using Direction = AudioStep::Direction;

template <class T>
using Words = std::span<const std::pair<std::string_view, T>>;

constexpr std::pair<std::string_view, Signal> signals[] = {{"tone", Signal::tone},
                                                           {"channel-map", Signal::channel_map},
                                                           {"sweep", Signal::sweep},
                                                           {"silence", Signal::silence}};
constexpr std::pair<std::string_view, Direction> directions[] = {
    {"loop", Direction::loop}, {"play", Direction::play}, {"capture", Direction::capture}};

// A minute of eight channels at 48 kHz is 46 MB as a WAV file, and four times that while it is measured.
constexpr double longest_seconds = 60, shortest_seconds = 0.1;
constexpr double most_samples = 8.0 * 60 * 48000;
constexpr std::size_t longest_name = 150;  // with a number before and an ending behind, an artifact's has at most 200
constexpr double most_channels = 16;       // channel_tones()

std::optional<double> number_of(const Value& value) {
    if (const auto* whole = value.as_int()) return static_cast<double>(*whole);
    if (const auto* real = value.as_double(); real && std::isfinite(*real)) return *real;
    return std::nullopt;
}

schema::Rule number() {
    return [](const Value& value, schema::Context& context) -> schema::Outcome {
        if (number_of(value)) return std::nullopt;
        return schema::Problem{"expected a number", context.path};
    };
}

/// "0.5", "48000".
std::string text_of(double number) {
    return config::python_str(number == std::floor(number) ? Value{static_cast<std::int64_t>(number)} : Value{number});
}

class Reader {
public:
    Reader(const Value& entry, std::vector<std::string>& problems) : entry_{entry}, problems_{problems} {}

    AudioStep read() {
        step_.name = config::text_or_empty(entry_.find("name"));
        // Files are called so.
        static const auto is_name = name_schema();
        if (check(is_name, step_.name, schema::Extra::refused))
            problem("'name' is '" + step_.name + "': give letters, digits, '-', '_' and '.'");
        if (step_.name.size() > longest_name)
            problem("'name' has " + std::to_string(step_.name.size()) + " letters: give at most " +
                    std::to_string(longest_name) + ", as files are called so");
        step_.hardware = config::text_or_empty(entry_.find("hardware"));
        step_.signal = word("signal", Words<Signal>{signals}, step_.signal);
        step_.direction = word("direction", Words<Direction>{directions}, step_.direction);
        step_.channels = static_cast<std::size_t>(in_range("channels", 2, 1, most_channels, "channels"));
        step_.rate = static_cast<int>(in_range("rate", 48000, 8000, 192000, "samples a second"));
        step_.level = in_range("level", -6, -100, 0, "dBFS, where 0 is full scale");
        const auto seconds =
            in_range("seconds", step_.signal == Signal::sweep ? 0.2 : 2, shortest_seconds, longest_seconds, "seconds");
        step_.length = std::chrono::milliseconds{std::llround(seconds * 1000)};
        if (seconds * step_.rate * static_cast<double>(step_.channels) > most_samples)
            problem("'seconds' is " + text_of(seconds) +
                    ": so much sound does not fit; ask for less time, fewer channels, or a lower rate");
        read_frequencies();
        read_map();
        read_limits();
        read_directions();
        return std::move(step_);
    }

private:
    void problem(std::string text) { problems_.push_back(std::move(text)); }

    template <class T>
    T word(const char* key, Words<T> words, T otherwise) {
        const auto* value = entry_.find(key);
        if (!value) return otherwise;
        const auto text = config::text_or_empty(value);
        std::string known;
        for (const auto& [name, meaning] : words) {
            if (name == text) return meaning;
            known += (known.empty() ? "" : ", ") + std::string{name};
        }
        problem("'" + std::string{key} + "' is '" + text + "': give one of " + known);
        return otherwise;
    }

    double in_range(const char* key, double otherwise, double least, double most, const std::string& units) {
        const auto* value = entry_.find(key);
        if (!value) return otherwise;
        const auto number = number_of(*value);
        if (number && *number >= least && *number <= most) return *number;
        problem("'" + std::string{key} + "' is " + config::python_str(*value) + ": give " + text_of(least) + " to " +
                text_of(most) + " " + units);
        return otherwise;
    }

    /// A key that only some signals have.
    bool belongs(const char* key, Signal signal, const char* to) {
        if (!entry_.find(key) || step_.signal == signal) return true;
        problem("'" + std::string{key} + "' belongs to signal: " + to);
        return false;
    }

    void read_frequencies() {
        const auto half = step_.rate / 2.0;
        const std::string units = "hertz, which is less than half the rate";
        if (belongs("frequency", Signal::tone, "tone"))
            step_.frequency = in_range("frequency", 997, 20, 0.9 * half, units);
        if (belongs("from", Signal::sweep, "sweep")) step_.from = in_range("from", 300, 20, 0.9 * half, units);
        if (belongs("to", Signal::sweep, "sweep"))
            step_.to = in_range("to", std::min(6000.0, 0.9 * half), 20, 0.9 * half, units);
        if (step_.from >= step_.to) problem("'from' is not below 'to': a sweep rises");
    }

    void read_map() {
        for (std::size_t i = 1; i <= step_.channels; ++i) step_.map.push_back(i);
        const auto* value = entry_.find("map");
        if (!value || !belongs("map", Signal::channel_map, "channel-map")) return;
        const auto* list = value->as_list();
        if (!list || list->size() != step_.channels)
            return problem("'map' needs one number for each of the " + std::to_string(step_.channels) + " channels");
        for (std::size_t i = 0; i < list->size(); ++i) {
            const auto source = number_of((*list)[i]);
            if (!source || *source < 0 || *source > static_cast<double>(step_.channels))
                return problem("'map' has " + config::python_str((*list)[i]) +
                               ": channels count from 1, and 0 is silence");
            step_.map[i] = static_cast<std::size_t>(*source);
        }
    }

    void read_limits() {
        if (step_.signal == Signal::tone) {
            step_.limits["frequency"] = {step_.frequency * 0.999, step_.frequency * 1.001};
            step_.limits["drop_outs"].max = step_.limits["clipped"].max = 0;
        }
        const auto* limits = entry_.find("limits");
        if (!limits || !limits->as_map()) return;
        for (const auto& [key, value] : *limits->as_map()) read_limit(config::python_str(key), value);
    }

    void read_limit(const std::string& name, const Value& value) {
        std::string known;
        for (const auto& each : audio_measurements()) {
            if (std::ranges::find(each.of, step_.signal) == each.of.end()) continue;
            known += (known.empty() ? "" : ", ") + std::string{each.name};
            if (each.name != name) continue;
            AudioLimit limit;
            if (const auto* least = value.find("min")) limit.min = number_of(*least);
            if (const auto* most = value.find("max")) limit.max = number_of(*most);
            if (!limit.min && !limit.max) problem("the limit of '" + name + "' needs 'min' or 'max'");
            if (limit.min && limit.max && *limit.min > *limit.max)
                problem("the limits of '" + name + "' leave nothing: 'min' is above 'max'");
            step_.limits[name] = limit;
            return;
        }
        problem("'" + name + "' is not measured with this signal, so it has no limit; there are " + known);
    }

    void read_directions() {
        if (step_.signal == Signal::silence && step_.direction == Direction::play)
            problem("to play silence measures nothing: leave 'direction' out");
        if (step_.signal == Signal::sweep && step_.direction == Direction::capture)
            problem("a sweep is found by what was played: 'direction' must be loop or play");
        if (step_.direction == Direction::play && entry_.find("limits"))
            problem("what is only played is not measured: 'limits' need direction loop or capture");
    }

    const Value& entry_;
    std::vector<std::string>& problems_;
    AudioStep step_;
};

}  // namespace

std::span<const AudioMeasurement> audio_measurements() {
    using enum Signal;
    static const std::array all{
        AudioMeasurement{"frequency", "Hz", {tone}},
        AudioMeasurement{"level", "dBFS", {tone, channel_map}},
        AudioMeasurement{"thd", "dB", {tone}},
        AudioMeasurement{"thd_n", "dB", {tone}},
        AudioMeasurement{"snr", "dB", {tone}},
        AudioMeasurement{"noise", "dBFS", {tone, silence}},
        AudioMeasurement{"clipped", "samples", {tone}},
        AudioMeasurement{"drop_outs", "drop-outs", {tone}},
        AudioMeasurement{"source", "channel", {channel_map}},
        AudioMeasurement{"crosstalk", "dB", {channel_map}},
        AudioMeasurement{"latency", "ms", {sweep}},
        AudioMeasurement{"polarity", "sign", {sweep}},
    };
    return all;
}

AudioStep read_audio_step(const Value& entry, std::vector<std::string>& problems) {
    return Reader{entry, problems}.read();
}

namespace {

schema::Rule step_schema() {
    using namespace schema;
    const auto limit = map(Extra::refused, {optional("min", number()), optional("max", number())});
    const auto shape = map(Extra::refused, {
                                               required("name", name_schema()),
                                               optional("hardware", text()),
                                               optional("signal", text()),
                                               optional("direction", text()),
                                               optional("channels", integer()),
                                               optional("rate", integer()),
                                               optional("level", number()),
                                               optional("frequency", number()),
                                               optional("from", number()),
                                               optional("to", number()),
                                               optional("seconds", number()),
                                               optional("map", list_of({integer()})),
                                               optional("limits", map(Extra::refused, {every_text(limit)})),
                                           });
    const auto meaning = [](const Value& value, Context& context) -> Outcome {
        std::vector<std::string> problems;
        read_audio_step(value, problems);
        if (problems.empty()) return std::nullopt;
        return Problem{problems.front(), context.path};
    };
    return all({shape, meaning});
}

/// No two of one name.
schema::Outcome each_has_its_name(const Value& value, schema::Context& context) {
    std::set<std::string> names;
    const auto& list = *value.as_list();
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto name = config::text_or_empty(list[i].find("name"));
        if (names.insert(name).second) continue;
        auto place = context.path;
        place.push_index(i);
        return schema::Problem{"an entry before it has the name '" + name + "', too: give it another one",
                               std::move(place)};
    }
    return std::nullopt;
}

}  // namespace

schema::Rule audio_steps_schema() { return schema::all({schema::list_of({step_schema()}), each_has_its_name}); }

}  // namespace patchbay
