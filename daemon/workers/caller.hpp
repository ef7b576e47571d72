// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who asks: a worker by its own token, or somebody about one attempt of a job by that attempt's.

#include <string>
#include <string_view>

#include "core/config/value.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/http/message.hpp"
#include "daemon/services.hpp"
#include "daemon/store/rows.hpp"
#include "daemon/store/workers.hpp"

namespace patchbay {

/// {"error": "<text>"}, as LAVA's workers read it.
ApiError worker_error(int status, const std::string& text);
/// 200 with this map.
Response worker_answer(config::Map map);

/// Throws: ApiError 404 for an unknown worker, 400 without its token.
WorkerRow calling_worker(const Request& request, const std::string& name, Services& lab);

/// Throws: ApiError 404 for an unknown job, which makes its runner end, 400 for a token that is not of this job.
LeaseRow attempt_of(const Request& request, const std::string& job, Services& lab);

/// What an attempt's worker shows for it: made of the worker's token, so that the store, and whoever reads it, knows
/// neither. 32 characters. Pure.
std::string attempt_token(std::string_view worker_token, std::string_view store_identity, LeaseId lease);

}  // namespace patchbay
