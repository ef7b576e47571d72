// SPDX-License-Identifier: Apache-2.0
#include "drivers/storage/switched_storage.hpp"

#include <utility>

#include "core/deadline.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "drivers/hardware_workers.hpp"
#include "drivers/storage/disk_writer.hpp"

namespace patchbay {
namespace {

using Side = Storage::Side;

/// A card reader looks for a new card once a second or two.
constexpr auto patience = 20s;
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

/// nullopt: keep.
std::optional<Side> read_safe_state(config::MapReader& options) {
    const auto word = options.value_or<std::string>("safe_state", "board");
    if (word == "board") return Side::board;
    if (word == "host") return Side::host;
    if (word == "nobody") return Side::nobody;
    if (word != "keep")
        options.problem("safe_state", "must be board, host, nobody or keep: who has the medium between leases");
    return std::nullopt;
}

struct Settings {
    std::optional<std::int64_t> max_size;
    std::optional<Side> safe;
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

Medium look(Shared& shared) {
    const auto disk = the_disk(shared);
    return disk ? look_for_medium(*disk) : Medium::gone;
}

bool is_as_wanted(Medium medium, Side side) {
    return medium == Medium::unknown || (medium == Medium::there) == (side == Side::host);
}

/// Gives it, unless it is already so: switching interrupts whoever has it.
void give(Shared& shared, Side side) {
    if (shared.medium->side() == side && is_as_wanted(look(shared), side)) return;
    shared.medium->give(side);
}

std::string why_it_did_not_come(Shared& shared) {
    const auto text = shared.label + ": " + shared.medium->name();
    const auto disk = the_disk(shared);
    if (!disk) {
        return text + ": no disk appeared within 20 s: is it plugged in, and has it power? Attached are: " +
               list_of(usb_disks(shared.root));
    }
    return text + ": " + disk->text() +
           " has no medium after 20 s: is a card in it, and does the switch move? Plug the card or the adapter in "
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
        if (safe) co_await connect(*safe);
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

    Task<Switched> connect(Side side) override {
        auto switch_it = [shared = shared_, side] { give(*shared, side); };
        co_await on_hardware_worker(std::move(switch_it));
        const auto begin = Clock::now();
        std::optional<Clock::time_point> unreadable_since;
        for (;;) {
            auto look_now = [shared = shared_] { return look(*shared); };
            const auto medium = co_await on_hardware_worker(std::move(look_now));
            if (medium != Medium::unknown) unreadable_since.reset();
            if (medium == Medium::unknown && !unreadable_since) unreadable_since = Clock::now();
            if (unreadable_since && Clock::now() - *unreadable_since > patience_with_udev) {
                say_unreadable();
                co_return Switched::unverified;
            }
            if (!unreadable_since && is_as_wanted(medium, side)) co_return Switched::verified;
            if (Clock::now() - begin > patience) break;
            co_await sleep_for(between_looks);
        }
        auto failure = [shared = shared_, side] { fail(*shared, side); };
        co_await on_hardware_worker(std::move(failure));
        throw LavaBug{"fail() returned"};
    }

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
    [[noreturn]] static void fail(Shared& shared, Side side) {
        if (side == Side::host) throw InfrastructureError{why_it_did_not_come(shared)};
        const auto disk = the_disk(shared);
        throw InfrastructureError{
            shared.label + ": " + shared.medium->name() + " was switched to " + text_of(side) + ", but " +
            (disk ? disk->text() : "the disk") +
            " is still there after 20 s: the switch sticks, or this is not its disk; unplug it and "
            "plug it in again"};
    }

    void say_unreadable() {
        if (tell_ && !told_) {
            tell_(shared_->label + ": " + shared_->medium->name() +
                  " was switched, but its disk may not be read, so whether the medium came or went is not known; "
                  "give the runner's user the right to it by a udev rule");
        }
        told_ = true;
    }

    std::shared_ptr<Shared> shared_;
    std::function<void(const std::string&)> tell_;
    bool told_ = false;
};

}  // namespace

std::string text_of(Side side) {
    return side == Side::host ? "the host" : side == Side::board ? "the board" : "nobody";
}

DriverPtr make_switched_storage(std::unique_ptr<MediumSwitch> medium, GivesAway gives_away,
                                const DriverRequest& request) {
    auto shared = std::make_shared<Shared>();
    shared->medium = std::move(medium);
    shared->label = request.label;
    shared->root = request.context.root;
    shared->settings.max_size = read_max_size(request.options);
    if (gives_away == GivesAway::yes) shared->settings.safe = read_safe_state(request.options);
    request.options.finish();
    return std::make_unique<SwitchedStorage>(std::move(shared), request.context.tell);
}

}  // namespace patchbay
