// SPDX-License-Identifier: Apache-2.0
#pragma once
// The requests of a LAVA worker and of its runners, as lava-worker and lava-run send them (recorded in
// tests/compat/golden; lava_dispatcher/worker.py, lava_common/log.py). Each blocks, on a thread of its own.

#include <cstdint>
#include <stop_token>
#include <string>

#include "daemon/attach/http_exchange.hpp"
#include "daemon/attach/protocol.hpp"

namespace patchbay {

/// How a job ended.
struct RemoteEnd {
    bool passed = false;
    std::string error_type;  ///< LAVA's word; "" when it passed
    std::string errors;      ///< what the server shows as failure comment; "" for nothing
};

class WorkerClient {
public:
    WorkerClient(std::string server, std::string worker, std::stop_token stop)
        : server_{std::move(server)}, worker_{std::move(worker)}, stop_{std::move(stop)} {}

    /// Asks for a token for this worker; the server may let anybody do so, or nobody.
    ServerReply enrol(const std::string& version) const;
    ServerReply ping(const std::string& token, const std::string& version) const;
    /// The texts that a job consists of.
    ServerReply fetch(const RemoteJob& job, const std::string& version) const;
    /// The job as everybody is shown it, by REST.
    ServerReply show(const RemoteJob& job, const std::string& version) const;
    ServerReply running(const RemoteJob& job, const std::string& version) const;
    ServerReply finished(const RemoteJob& job, const std::string& version, const RemoteEnd& end) const;
    /// `index`: lines that the server has already. `lines`: without the last line end.
    ServerReply logs(const RemoteJob& job, const std::string& version, const std::string& lines,
                     std::int64_t index) const;

private:
    ServerRequest about(const RemoteJob& job, const std::string& program, const std::string& version) const;

    std::string server_, worker_;
    std::stop_token stop_;
};

}  // namespace patchbay
