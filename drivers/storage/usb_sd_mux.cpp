// SPDX-License-Identifier: Apache-2.0
// The USB-SD-Mux and the USB-SD-Mux FAST of Linux Automation (0424:4041): a card reader whose card can be the board's.

#include <algorithm>

#include "core/errors.hpp"
#include "drivers/storage/media.hpp"
#include "drivers/storage/sd_mux_chip.hpp"
#include "drivers/storage/storage.hpp"
#include "drivers/storage/switched_storage.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

class UsbSdMux final : public MediumSwitch {
public:
    UsbSdMux(DiskQuery query, const DriverRequest& request)
        : query_{std::move(query)}, label_{request.label}, root_{request.context.root} {}

    std::string name() const override { return "USB-SD-Mux with " + query_.text(); }

    std::vector<UsbDisk> disks() override {
        const auto mux = find();
        auto disks = usb_disks(root_);
        std::erase_if(disks, [&](const UsbDisk& disk) { return disk.usb.device.folder != mux.device.folder; });
        return disks;
    }

    std::vector<Storage::Side> sides() const override {
        return {Storage::Side::host, Storage::Side::board, Storage::Side::nobody};
    }
    std::optional<Storage::Side> side() override { return chip().side(); }
    void give(Storage::Side side) override { chip().give(side); }
    std::vector<fs::path> control_nodes() override { return {root_ / "dev" / find().name}; }

private:
    SdMuxChip chip() const {
        const auto mux = find();
        const auto what = label_ + ": USB-SD-Mux at " + mux.device.text() + " (" + mux.name + ")";
        const auto text = sysfs_attribute(root_ / "sys/class/scsi_generic" / mux.name / "device/model");
        const auto* model = find_sd_mux_model(text);
        if (model == nullptr) {
            throw InfrastructureError{what + " calls itself '" + text +
                                      "', which is no model that this driver knows; is it really a USB-SD-Mux?"};
        }
        return {*model, root_ / "dev" / mux.name, what};
    }

    UsbNode find() const {
        std::vector<UsbNode> all, fitting;
        for (auto& node : usb_nodes("class/scsi_generic", root_)) {
            if (is_usb_sd_mux(node.device)) all.push_back(std::move(node));
        }
        const auto what = label_ + ": USB-SD-Mux";
        if (query_.link.empty()) return only_usb_node(all, query_.usb, what);
        // A link to either of its nodes.
        std::error_code dangling;
        const auto name = fs::canonical(root_ / query_.link.relative_path(), dangling).filename().string();
        const auto disks = usb_disks(root_);
        for (const auto& node : all) {
            const bool is_it = node.name == name || std::ranges::any_of(disks, [&](const UsbDisk& disk) {
                                   return disk.usb.name == name && disk.usb.device.folder == node.device.folder;
                               });
            if (!dangling && is_it) return node;
        }
        throw InfrastructureError{what + " " + query_.link.string() +
                                  " is not there: is it plugged in? Attached are: " + list_of(disks)};
    }

    DiskQuery query_;
    std::string label_;
    fs::path root_;
};

}  // namespace

DriverPtr make_usb_sd_mux(const DriverRequest& request) {
    auto medium = std::make_unique<UsbSdMux>(read_disk_query(request.options), request);
    return make_switched_storage(std::move(medium), request);
}

}  // namespace patchbay
