// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/overlaid_image.hpp"

#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {

void add_overlaid_image(Action& deploy, const std::string& key, const config::Value& map, std::string folder,
                        OverlayInto into) {
    const auto file = std::make_shared<std::filesystem::path>();
    const bool changes = into != OverlayInto::nothing;
    DownloadTarget target;
    target.deploy = std::move(folder);
    // What is only read stays in the cache.
    target.placement = changes || map.find("overlays") ? Placement::private_copy : Placement::shared;
    target.received = [key, file](NamespaceState& state, std::filesystem::path received) {
        *file = received;
        std::erase_if(state.images, [&key](const DeployedImage& image) { return image.key == key; });
        state.images.push_back({key, "", std::move(received)});
    };
    deploy.add(make_download(key, map, std::move(target)));
    if (!changes) return;
    AppendPlan plan;
    plan.key = key;
    plan.image = file;
    plan.format = "ext4";
    plan.lava = true;
    plan.sparse = into == OverlayInto::sparse_image;
    plan.action = plan.sparse ? "apply-overlay-sparse-image" : "apply-overlay-image";
    if (const auto* partition = map.find("root_partition"); partition && partition->as_int()) {
        plan.partition = static_cast<unsigned>(*partition->as_int());
    }
    deploy.add(make_append_overlays(std::move(plan)));
}

}  // namespace patchbay
