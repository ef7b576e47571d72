// SPDX-License-Identifier: Apache-2.0
#pragma once
// One HTTP exchange, blocking, on a worker's thread.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/net/address_policy.hpp"
#include "jobs/download/digest.hpp"
#include "jobs/download/stop_flag.hpp"

namespace patchbay {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string url;
    HeaderList headers;
    std::string etag;  ///< with either: a 304 says that they still hold
    std::string last_modified;
    std::chrono::seconds stall{60};
    std::uint64_t limit = UINT64_MAX;  ///< bytes; a longer body is not taken
    AddressPolicy addresses;           ///< what it may connect to
};

struct HttpReply {
    long status = 0;  ///< 0: there was no answer; `problem` tells why
    std::string problem;
    bool timed_out = false;
    bool refused = false;    ///< trying again cannot help: malformed url, unsupported protocol
    bool cut_off = false;    ///< the connection ended before the announced size
    bool too_large = false;  ///< over the limit
    std::optional<std::uint64_t> expected;
    std::uint64_t received = 0;
    std::string etag;
    std::string last_modified;  ///< only when it is older than the answer by so much that it proves sameness
    Digests digests;

    /// Another try may help: the network, or a status that says so (lava_common/constants.py).
    bool worth_retrying() const;
};

/// What a transfer tells while it runs; called on its thread.
struct TransferEvents {
    std::function<void(std::optional<std::uint64_t> size)> begin;
    std::function<void(std::uint64_t bytes)> bytes;
};

/// GET into `target` (made anew); only the body of a 200 is kept.
/// Throws: Stopped, InfrastructureError (disk), JobError (it leads to an address that is not allowed).
HttpReply http_get(const HttpRequest& request, const std::filesystem::path& target, const TransferEvents& events,
                   const StopFlag& stop);

enum class ProbeMethod { head, get };
/// Asks only whether the file is there; a GET ends with its headers. Throws: Stopped, JobError as http_get().
HttpReply http_probe(const HttpRequest& request, ProbeMethod method, const StopFlag& stop);

}  // namespace patchbay
