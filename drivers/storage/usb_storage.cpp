// SPDX-License-Identifier: Apache-2.0
// A USB disk, a stick or a card in a reader that stays with this host: for whoever carries it, or for what a board sees
// in another way (a network block device, a VM).

#include "core/errors.hpp"
#include "drivers/storage/storage.hpp"
#include "drivers/storage/switched_storage.hpp"

namespace patchbay {
namespace {

class UsbStorage final : public MediumSwitch {
public:
    UsbStorage(DiskQuery query, const DriverRequest& request)
        : query_{std::move(query)}, label_{request.label}, root_{request.context.root} {}

    std::string name() const override { return "USB disk with " + query_.text(); }
    std::vector<UsbDisk> disks() override { return find_disks(query_, root_); }
    std::vector<Storage::Side> sides() const override { return {Storage::Side::host}; }
    std::optional<Storage::Side> side() override { return Storage::Side::host; }
    void give(Storage::Side side) override {
        if (side != Storage::Side::host)
            throw JobError{label_ + ": " + name() +
                           " has no switch, so it stays with the host; only 'host' and 'write' work"};
    }

private:
    DiskQuery query_;
    std::string label_;
    std::filesystem::path root_;
};

}  // namespace

DriverPtr make_usb_storage(const DriverRequest& request) {
    auto disk = std::make_unique<UsbStorage>(read_disk_query(request.options), request);
    return make_switched_storage(std::move(disk), request);
}

}  // namespace patchbay
