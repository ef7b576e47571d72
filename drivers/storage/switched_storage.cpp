// SPDX-License-Identifier: Apache-2.0
#include "drivers/storage/switched_storage.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/storage/disk_use.hpp"
#include "drivers/storage/disk_writer.hpp"

namespace patchbay {
namespace {

using Side = Storage::Side;

constexpr auto between_looks = 200ms;
/// udev gives a new node to its group a moment after the kernel made it.
constexpr auto patience_with_udev = 3s;

/// "64GB", "64 GiB", or a number of bytes.
std::optional<std::int64_t> bytes_in(std::string text) {
    std::int64_t unit = 1;
    for (const auto& [name, bytes] :
         {std::pair{"MiB", std::int64_t{1} << 20}, std::pair{"GiB", std::int64_t{1} << 30},
          std::pair{"TiB", std::int64_t{1} << 40}, std::pair{"MB", std::int64_t{1'000'000}},
          std::pair{"GB", std::int64_t{1'000'000'000}}, std::pair{"TB", std::int64_t{1'000'000'000'000}}}) {
        if (!text.ends_with(name)) continue;
        unit = bytes;
        text.resize(text.size() - std::string_view{name}.size());
        while (text.ends_with(' ')) text.pop_back();
        break;
    }
    const auto number = whole_number(text);
    if (!number || *number <= 0 || *number > (std::int64_t{1} << 60) / unit) return std::nullopt;
    return *number * unit;
}

std::optional<std::int64_t> read_max_size(config::MapReader& options) {
    const auto* value = options.raw("max_size");
    if (value == nullptr) return std::nullopt;
    const auto bytes = value->as_int() ? bytes_in(std::to_string(*value->as_int()))
                                       : bytes_in(value->as_string() ? *value->as_string() : "");
    if (!bytes) options.problem("max_size", "must be a size, such as 64GB or 512MiB");
    return bytes;
}

std::string word_of(Side side) { return side == Side::host ? "host" : side == Side::board ? "board" : "nobody"; }

/// nullopt: keep.
std::optional<Side> read_safe_state(config::MapReader& options, const std::vector<Side>& sides) {
    const auto word = options.value_or<std::string>("safe_state", "board");
    std::string words;
    for (const auto side : sides) {
        if (word == word_of(side)) return side;
        words += (words.empty() ? "" : ", ") + word_of(side);
    }
    if (word != "keep")
        options.problem("safe_state", "must be " + words + " or keep: who has the medium between leases");
    return std::nullopt;
}

/// A card reader looks for a new card once a second or two; a large disk may have to spin up.
std::chrono::seconds read_patience(config::MapReader& options) {
    const auto patience = options.value_or("timeout", std::chrono::seconds{20});
    if (patience < 1s || patience > 10min)
        options.problem("timeout", "must be from 1s to 10m: how long the medium may take to come or go");
    return patience;
}

struct Settings {
    std::optional<std::int64_t> max_size;
    std::optional<Side> safe;
    std::chrono::seconds patience{};

    std::string patience_text() const { return std::to_string(patience.count()) + " s"; }
};

/// What is looked at on a worker, shared with what may still run there when the driver goes.
struct Shared {
    std::unique_ptr<MediumSwitch> medium;
    Settings settings;
    std::string label;  ///< "device imx8-01: storage"
    std::filesystem::path root;
};

/// Throws: InfrastructureError when there are several.
std::optional<UsbDisk> the_disk(Shared& shared) {
    auto disks = shared.medium->disks();
    if (disks.empty()) return std::nullopt;
    if (disks.size() > 1) {
        throw InfrastructureError{shared.label + ": the disk of " + shared.medium->name() +
                                  " could be any of these, so none is touched: " + list_of(disks) +
                                  "; write usb_path into the device's description"};
    }
    return std::move(disks.front());
}

/// What is known of the medium by its disk.
struct Look {
    Medium medium = Medium::unknown;
    std::optional<UsbDisk> disk;  ///< nullopt: none is there
    std::string reason;           ///< why it is unknown, and the next step
};

std::string reason_of(const UsbDisk& disk, int error) {
    return disk.text() + ": " + std::generic_category().message(error) + "; " +
           (error == EACCES || error == EPERM ? "give the runner's user the right to it by a udev rule"
                                              : "look at its cable and at the kernel's log");
}

bool is_attached(const UsbDisk& disk, const std::filesystem::path& root) {
    const auto disks = usb_disks(root);
    return std::ranges::any_of(disks, [&](const UsbDisk& each) { return each.is(disk); });
}

/// `seen` is the disk as it was before. A disk that nobody ever saw is no witness of a medium that went: the
/// description may be of none. One that went itself is. Throws: InfrastructureError, which disk it is cannot be said.
Look look(Shared& shared, Side side, const std::optional<UsbDisk>& seen) {
    auto disk = the_disk(shared);
    if (!disk && side != Side::host && seen && is_attached(*seen, shared.root)) disk = seen;
    if (!disk && (seen || side == Side::host)) return {Medium::gone, {}, {}};
    if (!disk)
        return {Medium::unknown, {}, "it has no disk, and had none before; look whether its reader is plugged in"};
    const auto [medium, error] = look_for_medium(*disk);
    return {medium, disk, medium == Medium::unknown ? reason_of(*disk, error) : ""};
}

/// The same, but what has no known disk is unknown: it can still be given away.
Look look_or_not(Shared& shared, Side side, const std::optional<UsbDisk>& seen) {
    try {
        return look(shared, side, seen);
    } catch (const InfrastructureError& error) {
        return {Medium::unknown, {}, error.what()};
    }
}

bool is_as_wanted(Medium medium, Side side) {
    return medium == Medium::unknown || (medium == Medium::there) == (side == Side::host);
}

/// What connecting does with a medium that this machine itself uses.
enum class InUse { refused, told };

struct Given {
    std::optional<UsbDisk> seen;  ///< its disk, before
    std::string warning;          ///< what is to be told
};

/// Gives it, unless it is already so: switching interrupts whoever has it.
Given give(Shared& shared, Side side, InUse in_use, const std::optional<UsbDisk>& seen) {
    const auto before = look_or_not(shared, side, seen);
    Given given{before.disk ? before.disk : seen, {}};
    if (shared.medium->side() == side && is_as_wanted(before.medium, side)) return given;
    const auto sides = shared.medium->sides();
    const bool takes_it = side != Side::host && std::ranges::count(sides, side) > 0;
    if (takes_it && before.disk && before.medium != Medium::gone) {
        if (const auto use = use_of(*before.disk, shared.root); !use.empty()) {
            const auto what = shared.label + ": " + before.disk->text() + " is " + use;
            const auto next = "unmount it, or end what uses it (lsblk shows what)";
            if (in_use == InUse::refused)
                throw InfrastructureError{what + ", so it is not taken from the host; " + next};
            given.warning = what + ", and is taken from the host all the same, because " + text_of(side) +
                            " has it between leases: what was not yet written is lost; " + next +
                            " before a lease ends";
        }
    }
    shared.medium->give(side);
    return given;
}

std::string why_it_did_not_come(Shared& shared) {
    const auto text = shared.label + ": " + shared.medium->name();
    const auto disk = the_disk(shared);
    if (!disk) {
        return text + ": no disk appeared within " + shared.settings.patience_text() +
               ": is it plugged in, and has it power? Attached are: " + list_of(usb_disks(shared.root));
    }
    return text + ": " + disk->text() + " has no medium after " + shared.settings.patience_text() +
           ": is a card in it, and does the switch move? Plug the card or the adapter in "
           "again";
}

std::shared_ptr<DiskWriter> begin_writing(Shared& shared, const std::filesystem::path& image) {
    const auto side = shared.medium->side();
    if (side && *side != Side::host) {
        throw JobError{shared.label + ": " + shared.medium->name() + ": the medium is with " + text_of(*side) +
                       "; connect it to the host first"};
    }
    const auto disk = the_disk(shared);
    if (!disk) throw InfrastructureError{why_it_did_not_come(shared)};
    const auto is_still_it = [&] {
        const auto now = the_disk(shared);
        return now && now->is(*disk);
    };
    return std::make_shared<DiskWriter>(*disk, image, shared.settings.max_size, is_still_it, shared.root,
                                        shared.label + ": " + disk->text());
}

class SwitchedStorage final : public Driver, public Storage {
public:
    SwitchedStorage(std::shared_ptr<Shared> shared, std::function<void(const std::string&)> tell)
        : shared_{std::move(shared)}, tell_{std::move(tell)} {}

    void offer(Capabilities& device, const std::string& name) override { device.add<Storage>(*this, name); }

    Task<> make_safe() override {
        const auto safe = shared_->settings.safe;
        if (safe) co_await switch_to(*safe, InUse::told);
    }

    /// The switch's, and those of the disk while the host has it.
    std::vector<std::filesystem::path> nodes() const override {
        std::vector<std::filesystem::path> found;
        try {
            found = shared_->medium->control_nodes();
            if (const auto disk = the_disk(*shared_)) found.push_back(disk->node);
        } catch (const InfrastructureError&) {
            return found;
        }
        return found;
    }

    Task<Switched> connect(Side side) override { return switch_to(side, InUse::refused); }
    bool can_leave_host() const override { return shared_->medium->sides().size() > 1; }

    Task<> write_image(std::filesystem::path image, OnProgress progress) override {
        auto begin = [shared = shared_, image = std::move(image)] { return begin_writing(*shared, image); };
        const auto writer = co_await on_hardware_worker(std::move(begin));
        // Between two blocks a cancellation ends it; the disk is closed then, with nothing left in the kernel's cache.
        for (std::int64_t done = 0; done < writer->size();) {
            auto block = [writer] { return writer->write_next(); };
            done = co_await on_hardware_worker(std::move(block));
            if (progress) progress(done, writer->size());
        }
        auto sync = [writer] { writer->sync(); };
        co_await on_hardware_worker(std::move(sync));
        for (std::int64_t done = 0; done < writer->size();) {
            auto block = [writer] { return writer->compare_next(); };
            done = co_await on_hardware_worker(std::move(block));
        }
    }

private:
    Task<Switched> switch_to(Side side, InUse in_use) {
        auto switch_it = [shared = shared_, seen = seen_, side, in_use] { return give(*shared, side, in_use, seen); };
        const auto given = co_await on_hardware_worker(std::move(switch_it));
        seen_ = given.seen;
        if (!given.warning.empty()) tell(given.warning);
        const auto begin = Clock::now();
        std::optional<Clock::time_point> unknown_since;
        for (;;) {
            auto look_now = [shared = shared_, seen = seen_, side] {
                return side == Side::host ? look(*shared, side, seen) : look_or_not(*shared, side, seen);
            };
            const auto now = co_await on_hardware_worker(std::move(look_now));
            if (now.disk) seen_ = now.disk;
            if (now.medium != Medium::unknown) unknown_since.reset();
            if (now.medium == Medium::unknown && !unknown_since) unknown_since = Clock::now();
            if (unknown_since && Clock::now() - *unknown_since > patience_with_udev) {
                say_unverified(side, now.reason);
                co_return Switched::unverified;
            }
            if (!unknown_since && is_as_wanted(now.medium, side)) break;
            if (Clock::now() - begin > shared_->settings.patience) {
                auto failure = [shared = shared_, seen = seen_, side] { fail(*shared, side, seen); };
                co_await on_hardware_worker(std::move(failure));
            }
            co_await sleep_for(between_looks);
        }
        auto ask = [shared = shared_, side] { return shared->medium->doubt(side); };
        const auto doubt = co_await on_hardware_worker(std::move(ask));
        if (!doubt.empty()) say_unverified(side, doubt);
        co_return doubt.empty() ? Switched::verified : Switched::unverified;
    }

    [[noreturn]] static void fail(Shared& shared, Side side, const std::optional<UsbDisk>& seen) {
        if (side == Side::host) throw InfrastructureError{why_it_did_not_come(shared)};
        throw InfrastructureError{shared.label + ": " + shared.medium->name() + " was switched to " + text_of(side) +
                                  ", but " + (seen ? seen->text() : "the disk") + " is still there after " +
                                  shared.settings.patience_text() +
                                  ": the switch sticks, or this is not its disk; unplug it and "
                                  "plug it in again"};
    }

    void tell(const std::string& text) const {
        if (tell_) tell_(text);
    }

    /// Once: with every switch of a lease it is the same.
    void say_unverified(Side side, std::string reason) {
        if (const auto prefix = shared_->label + ": "; reason.starts_with(prefix)) reason.erase(0, prefix.size());
        if (!told_) {
            tell(shared_->label + ": " + shared_->medium->name() + " was switched to " + text_of(side) +
                 ", but whether the medium came or went is not known: " + reason);
        }
        told_ = true;
    }

    std::shared_ptr<Shared> shared_;
    std::function<void(const std::string&)> tell_;
    std::optional<UsbDisk> seen_;  ///< its disk, when there was one last
    bool told_ = false;
};

}  // namespace

std::string text_of(Side side) {
    return side == Side::host ? "the host" : side == Side::board ? "the board" : "nobody";
}

DriverPtr make_switched_storage(std::unique_ptr<MediumSwitch> medium, const DriverRequest& request) {
    auto shared = std::make_shared<Shared>();
    shared->medium = std::move(medium);
    shared->label = request.label;
    shared->root = request.context.root;
    shared->settings.max_size = read_max_size(request.options);
    shared->settings.patience = read_patience(request.options);
    if (const auto sides = shared->medium->sides(); sides.size() > 1)
        shared->settings.safe = read_safe_state(request.options, sides);
    request.options.finish();
    return std::make_unique<SwitchedStorage>(std::move(shared), request.context.tell);
}

}  // namespace patchbay
