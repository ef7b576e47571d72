// SPDX-License-Identifier: Apache-2.0
// The driver `alsa`: a sound card of this host, wired to a board.
#include <unistd.h>

#include <atomic>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <cerrno>
#include <memory>
#include <optional>

#include "core/errors.hpp"
#include "core/worker.hpp"
#include "devices/capability/audio.hpp"
#include "devices/device.hpp"
#include "drivers/audio/audio.hpp"
#include "drivers/audio/card.hpp"
#include "drivers/audio/pcm.hpp"
#include "drivers/audio/transfer.hpp"
#include "drivers/usb/identity.hpp"

namespace patchbay {
namespace {

/// One direction: where its plug is.
struct End {
    CardQuery card;
    unsigned device = 0;                ///< PCM device of the card
    std::optional<unsigned> subdevice;  ///< any free one
    std::string named;                  ///< a PCM of ALSA's configuration, instead of a card

    bool empty() const { return card.empty() && named.empty(); }
    std::string pcm(const SoundCard& found) const {
        return "hw:CARD=" + found.id + ",DEV=" + std::to_string(device) +
               (subdevice ? ",SUBDEV=" + std::to_string(*subdevice) : "");
    }
};

struct Settings {
    std::optional<End> playback, capture;
};

/// Reads what names a card and a device of it, over what is already known from the entry around.
End read_end(config::MapReader& options, End end) {
    const auto given =
        int{options.has("card")} + int{options.has("usb_path")} + int{options.has("link")} + int{options.has("pcm")};
    if (given > 1) options.problem(options.has("card") ? "card" : "link", "give one of card, usb_path, link and pcm");
    if (given > 0) {
        end.card = {};
        end.named.clear();
    }
    if (const auto* card = options.raw("card")) {
        if (card->is_int()) {
            options.problem("card",
                            "is a number, and numbers change; give the card's id or name, as `aplay -l` prints it");
        } else {
            end.card.card = options.value_or<std::string>("card", "");
        }
    }
    if (options.has("usb_path")) end.card.usb_path = read_usb_path(options, "usb_path");
    end.card.link = options.value_or<std::string>("link", end.card.link.string());
    end.named = options.value_or<std::string>("pcm", end.named);
    end.device = options.value_or("device", end.device);
    if (const auto subdevice = options.maybe<unsigned>("subdevice")) end.subdevice = subdevice;
    return end;
}

std::optional<End> read_direction(config::MapReader& options, std::string_view key, const End& common) {
    auto map = options.map(key);
    const auto end = read_end(map, common);
    map.finish();
    if (!end.empty()) return end;
    if (options.has(key)) options.problem(key, "needs a card: card, usb_path, link or pcm");
    return std::nullopt;
}

Settings read(config::MapReader& options) {
    const auto common = read_end(options, {});
    Settings settings{read_direction(options, "playback", common), read_direction(options, "capture", common)};
    const auto asked = options.has("card") || options.has("usb_path") || options.has("link") || options.has("pcm") ||
                       options.has("playback") || options.has("capture");
    if (!asked) options.problem("card", "missing: which sound card, by card, usb_path, link or pcm");
    options.finish();
    return settings;
}

std::string list(const std::vector<SoundCard>& cards) {
    std::string text;
    for (const auto& card : cards) text += (text.empty() ? "" : ", ") + card.text();
    return text.empty() ? "none" : text;
}

std::string next_step(const PcmFailure& failure) {
    switch (failure.error) {
        case ENODEV:
        case EBADFD:  // it vanished while the stream had just run dry
        case ESTRPIPE:
            return "it was unplugged: check its cable";
        case ENOENT:
            return "it has no such PCM device for this direction: `aplay -l` and `arecord -l` list them";
        case EBUSY:
            return "another program uses it: `fuser -v /dev/snd/*` names it";
        case EACCES:
        case EPERM:
            return "the user of the runner must be in the group audio";
        case ETIMEDOUT:
            return "unplug it and plug it in again";
        default:
            return "try it with `speaker-test` or `arecord`";
    }
}

class AlsaAudio final : public Driver, public Audio {
public:
    AlsaAudio(Settings settings, std::string label) : settings_{std::move(settings)}, label_{std::move(label)} {}
    ~AlsaAudio() override {
        if (stop_) *stop_ = true;  // the worker is waited for
    }

    void offer(Capabilities& device, const std::string& name) override { device.add<Audio>(*this, name); }

    /// A card that nobody has open is silent, and what a killed runner had open the kernel has closed.
    Task<> make_safe() override { co_return; }

    std::vector<std::filesystem::path> nodes() const override {
        std::vector<std::filesystem::path> found;
        for (const auto* end : {&settings_.playback, &settings_.capture}) {
            const auto cards = *end ? find_cards((*end)->card, "/") : std::vector<SoundCard>{};
            if (cards.size() == 1) add_card_nodes(found, cards.front().number, "/");
        }
        return found;
    }

    Task<Played> play(Sound sound) override {
        TransferRequest request;
        request.channels = sound.channels.size();
        request.rate = sound.rate;
        request.sound = std::move(sound);
        const auto* playback = need(settings_.playback, "playback");
        const auto looped = co_await run(std::move(request), playback, nullptr);
        co_return looped.played;
    }

    Task<Captured> capture(std::chrono::milliseconds length, std::size_t channels, int rate) override {
        TransferRequest request;
        request.channels = channels;
        request.rate = rate;
        request.length = length;
        const auto* capture = need(settings_.capture, "capture");
        auto looped = co_await run(std::move(request), nullptr, capture);
        co_return std::move(looped.captured);
    }

    Task<Looped> loop(Sound sound, std::chrono::milliseconds after) override {
        TransferRequest request;
        request.channels = sound.channels.size();
        request.rate = sound.rate;
        request.length = after;
        request.sound = std::move(sound);
        const auto* playback = need(settings_.playback, "playback");
        const auto* capture = need(settings_.capture, "capture");
        co_return co_await run(std::move(request), playback, capture);
    }

private:
    const End* need(const std::optional<End>& end, const char* way) const {
        if (end) return &*end;
        throw JobError{label_ + ": the lab has no card for " + way + " at this device; its owner may add '" + way +
                       "'"};
    }

    SoundCard find(const End& end) const {
        auto found = find_cards(end.card, "/");
        if (found.empty()) {
            throw InfrastructureError{label_ + ": " + end.card.text() + " is not there: check its cable; there are " +
                                      list(list_cards("/"))};
        }
        if (found.size() > 1) {
            throw InfrastructureError{label_ + ": " + end.card.text() + " is ambiguous: " + list(found) +
                                      "; name it by usb_path or link"};
        }
        // Asked first, because ALSA finds no card by its id where it may open none, and says that there is none.
        const auto control = "/dev/snd/controlC" + std::to_string(found.front().number);
        if (::access(control.c_str(), R_OK | W_OK) != 0 && errno == EACCES) {
            const PcmFailure refused{"cannot open " + control + ": Permission denied", EACCES};
            throw InfrastructureError{label_ + ": " + found.front().text() + ": " + refused.what() + "; " +
                                      next_step(refused)};
        }
        return std::move(found.front());
    }

    Task<Looped> run(TransferRequest request, const End* playback, const End* capture) {
        std::string cards;
        for (const auto* end : {playback, capture}) {
            if (end == nullptr) continue;
            auto& pcm = end == playback ? request.playback : request.capture;
            auto text = "PCM '" + end->named + "'";
            if (end->named.empty()) {
                const auto card = find(*end);
                pcm = end->pcm(card);
                text = card.text();
            } else {
                pcm = end->named;
            }
            if (cards.find(text) == std::string::npos) cards += (cards.empty() ? "" : ", ") + text;
        }
        if (!worker_) worker_.emplace(1);

        // A worker is not cancelled: it is asked to stop.
        const auto stop = std::make_shared<std::atomic<bool>>(false);
        stop_ = stop;
        auto cancellation = co_await asio::this_coro::cancellation_state;
        auto slot = cancellation.slot();
        if (slot.is_connected()) slot.assign([stop](asio::cancellation_type) { *stop = true; });
        auto work = [request = std::move(request), stop] { return transfer(request, *stop); };
        std::exception_ptr failure;
        Looped looped;
        try {
            looped = co_await on_worker(*worker_, std::move(work));
        } catch (...) {
            failure = std::current_exception();
        }
        if (slot.is_connected()) slot.clear();
        if (*stop) throw boost::system::system_error{asio::error::operation_aborted};
        if (failure) complain(failure, cards);
        co_return std::move(looped);
    }

    [[noreturn]] void complain(const std::exception_ptr& failure, const std::string& cards) const {
        try {
            std::rethrow_exception(failure);
        } catch (const PcmUnsuited& unsuited) {
            throw JobError{label_ + ": " + cards + ": " + unsuited.what() + "; ask for another"};
        } catch (const PcmFailure& error) {
            throw InfrastructureError{label_ + ": " + cards + ": " + error.what() + "; " + next_step(error)};
        }
    }

    Settings settings_;
    std::string label_;
    std::shared_ptr<std::atomic<bool>> stop_;  ///< of what runs, or ran last
    std::optional<asio::thread_pool> worker_;  ///< of its own: a transfer takes as long as its sound
};

}  // namespace

DriverPtr make_alsa_audio(const DriverRequest& request) {
    return std::make_unique<AlsaAudio>(read(request.options), request.label);
}

}  // namespace patchbay
