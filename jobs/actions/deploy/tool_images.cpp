// SPDX-License-Identifier: Apache-2.0
// Images that a program of this host writes, or a container: what these deploys have in common.
#include "jobs/actions/deploy/deploy.hpp"
#include "jobs/actions/job_context.hpp"

namespace patchbay {

ActionPtr make_tool_image(const std::string& key, const config::Value& map, std::string folder, Placement placement) {
    DownloadTarget target;
    target.deploy = std::move(folder);
    target.placement = placement;
    const auto argument = config::string_or_empty(map.find("image_arg"));
    target.received = [key, argument](NamespaceState& state, std::filesystem::path file) {
        std::erase_if(state.images, [&key](const DeployedImage& image) { return image.key == key; });
        state.images.push_back({key, argument, std::move(file)});
    };
    return make_download(key, map, std::move(target));
}

}  // namespace patchbay
