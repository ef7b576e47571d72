// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/deploy/write_medium.hpp"

#include "jobs/actions/job_context.hpp"

namespace patchbay {

Task<> write_medium(JobContext& job, Storage& medium, std::filesystem::path image, std::string name) {
    job.log.info("Writing '" + image.string() + "' onto '" + name + "'");
    int told = 0;
    Storage::OnProgress progress = [&job, &told](std::int64_t written, std::int64_t of) {
        const int tenth = of > 0 ? static_cast<int>(written * 10 / of) : 10;
        if (tenth <= told) return;
        told = tenth;
        job.log.debug("progress " + std::to_string(told * 10) + " %");
        job.log.flush();
    };
    co_await medium.write_image(std::move(image), progress);
}

}  // namespace patchbay
