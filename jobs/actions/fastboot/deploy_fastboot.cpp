// SPDX-License-Identifier: Apache-2.0
// deploy: {to: fastboot}: images are fetched, then flashed partition by partition.
#include <algorithm>

#include "jobs/actions/board/board.hpp"
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/deploy/overlaid_image.hpp"
#include "jobs/actions/fastboot/fastboot.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/pipeline.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;
using Images = std::vector<std::pair<std::string, config::Value>>;

bool is_flagged(const config::Value& image, std::string_view key, bool otherwise) {
    const auto* value = image.find(key);
    const auto* flag = value ? value->as_bool() : nullptr;
    return flag ? *flag : otherwise;
}

/// Does boot send the boot image to the board instead, and leave the partition as it is?
bool keeps_boot_partition(const JobContext& job) {
    const auto* sequence = job.description.boot_methods.find("fastboot");
    const auto* entries = sequence ? sequence->as_list() : nullptr;
    return entries && std::find(entries->begin(), entries->end(), config::Value{"no-flash-boot"}) != entries->end();
}

class FastbootFlash final : public FastbootStep {
public:
    explicit FastbootFlash(std::string partition)
        : FastbootStep{"fastboot-flash-action", "flash an image with fastboot"}, partition_{std::move(partition)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (partition_.empty() || partition_.starts_with('-')) {
            errors.push_back("'" + partition_ + "' is no name of a partition");
        }
        co_await FastbootStep::validate(job, errors);
    }

protected:
    Task<> run(JobContext& job, Deadline deadline) override {
        const auto& images = job.state(ns()).images;
        const auto image = std::find_if(images.begin(), images.end(),
                                        [this](const DeployedImage& each) { return each.key == partition_; });
        if (image == images.end()) throw LavaBug{"'" + partition_ + "' was not downloaded"};
        if (partition_ == "boot" && keeps_boot_partition(job)) {
            job.log.debug("the boot image is not flashed: boot sends it to the board");
            co_return;
        }
        job.log.debug(std::to_string(fs::file_size(image->path)) + " bytes");
        job.log.info("Handling " + partition_);
        std::vector<std::string> flash{"flash", partition_, image->path.string()};
        co_await fastboot(job, std::move(flash), image->path.string(), deadline);
        report("label", partition_);
    }

private:
    std::string partition_;
};

/// The device's flash_cmds_order; what it does not name comes last, as the job has it.
std::vector<std::string> flash_order(const Images& images, const JobContext& job) {
    std::vector<std::string> order;
    const auto add = [&](const std::string& key) {
        const bool wanted = std::any_of(images.begin(), images.end(), [&key](const auto& i) { return i.first == key; });
        if (wanted && std::find(order.begin(), order.end(), key) == order.end()) order.push_back(key);
    };
    const auto* value = job.description.rendered.find("flash_cmds_order");
    if (value && value->as_list()) {
        for (const auto& key : *value->as_list()) add(config::python_str(key));
    }
    for (const auto& [key, image] : images) add(key);
    return order;
}

class FlashOrder final : public Action {
public:
    FlashOrder(const Images& images, const JobContext& job)
        : Action{"fastboot-flash-order-action", "flash images in the order of the device"} {
        add(make_read_feedback());
        for (const auto& key : flash_order(images, job)) {
            const auto image =
                std::find_if(images.begin(), images.end(), [&](const auto& i) { return i.first == key; });
            add(make_wait_fastboot(job));
            add<FastbootFlash>(key);
            const auto reboot = config::string_or_empty(image->second.find("reboot"));
            if (reboot.empty()) continue;
            if (reboot == "hard-reset") {
                add(make_pdu_reboot());
            } else {
                add(make_fastboot_reboot(reboot));
            }
            add(make_read_feedback());
        }
    }
};

class FastbootDeploy final : public Action {
public:
    explicit FastbootDeploy(std::string os)
        : Action{"fastboot-deploy", "download files and deploy using fastboot"}, os_{std::move(os)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = os_;
        co_await Action::validate(job, errors);
    }

private:
    std::string os_;
};

/// The board comes into fastboot, by whatever way the lab has.
void add_entry(Action& deploy, const JobContext& job, bool with_pre_power) {
    if (device_flag(job, "fastboot_via_uboot")) {
        deploy.add(make_connect_device());
        deploy.add(make_uboot_enter_fastboot(job));
    } else if (is_resettable(job)) {
        deploy.add(make_connect_device());
        if (with_pre_power) {
            deploy.add(make_device_command("pre-power-command", "pre_power_command",
                                           "Unable to run pre-power: ", IfMissing::skip));
        }
        deploy.add(make_reset_device(job));
    } else {
        deploy.add(make_enter_fastboot());
        return;
    }
    if (with_pre_power && device_flag(job, "fastboot_auto_detection")) deploy.add(make_detect_fastboot());
}

}  // namespace

ActionPtr build_deploy_fastboot(const ActionBlock& block, const JobContext& job) {
    const auto images = images_of(block);
    auto deploy = std::make_unique<FastbootDeploy>(config::string_or_empty(block.parameters.find("os")));
    const auto needs = test_needs(job.definition, block.name_space);
    if (needs.overlay) deploy->add(make_lava_overlay(block, job));
    for (const auto& [key, image] : images) {
        auto into = OverlayInto::nothing;
        if (needs.overlay && is_flagged(image, "apply-overlay", false)) {
            into = is_flagged(image, "sparse", true) ? OverlayInto::sparse_image : OverlayInto::plain_image;
        }
        add_overlaid_image(*deploy, key, image, "fastboot-deploy", into);
        if (needs.shell) deploy->add(make_deploy_device_env());
    }
    add_entry(*deploy, job, true);
    deploy->add<FlashOrder>(images, job);
    return deploy;
}

namespace {

class DownloadDeploy final : public Action {
public:
    explicit DownloadDeploy(std::string os)
        : Action{"download-deploy", "download files and save to the common location"}, os_{std::move(os)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        job.state(ns()).os = os_;
        co_await Action::validate(job, errors);
    }

private:
    std::string os_;
};

}  // namespace

ActionPtr build_deploy_download(const ActionBlock& block, const JobContext& job) {
    auto deploy = std::make_unique<DownloadDeploy>(config::string_or_empty(block.parameters.find("os")));
    add_entry(*deploy, job, false);
    for (const auto& [key, image] : images_of(block)) deploy->add(make_tool_image(key, image, "fastboot-deploy"));
    if (test_needs(job.definition, block.name_space).overlay) deploy->add(make_lava_overlay(block, job));
    return deploy;
}

}  // namespace patchbay
