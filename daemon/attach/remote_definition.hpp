// SPDX-License-Identifier: Apache-2.0
#pragma once
// A job of the server as one of ours.

#include <map>
#include <string>

#include "daemon/attach/protocol.hpp"
#include "daemon/lab/attach_settings.hpp"
#include "daemon/store/jobs.hpp"

namespace patchbay {

struct RemoteDefinition {
    NewJob job;              ///< without submitter and tags
    std::string theirs;      ///< device, as the server calls it; "" when it did not say
    std::string ours;        ///< "" when the job cannot run here
    std::string error_type;  ///< why it cannot: LAVA's word, and a text; "" when it can
    std::string problem;
};

/// The device is the one that the configuration has for the server's; a server that does not name it (LAVA 2023.01)
/// means the only one. Of the definition `notify` is left out, because the server tells, and what is about the server's
/// own lab: device type, tags and queue. It is seen by its user only when the server does not show it to everybody, or
/// it has secrets (`secrets`, or `headers`, into which the server has put the values of tokens).
/// `types`: our devices' types by name. Pure, and takes as long as the texts are large: belongs on a worker.
RemoteDefinition read_remote_definition(const RemoteJobFiles& files, std::int64_t number,
                                        const AttachSettings& settings,
                                        const std::map<std::string, std::string>& types);

}  // namespace patchbay
