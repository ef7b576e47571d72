// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "daemon/xmlrpc/fault.hpp"
#include "daemon/xmlrpc/rpc_call.hpp"

namespace patchbay::rpc {

/// The job of argument 0: a number, "42", or a sub id "42.1".
/// Throws: Fault 404 "Job '42' was not found.", 403 when the caller may not see it: LAVA tells the two apart here.
JobRow find_job(const RpcCall& call);

/// The same in the words of results.*: 404 "Specified job not found.", 401.
JobRow find_job_of_results(const RpcCall& call);

}  // namespace patchbay::rpc
