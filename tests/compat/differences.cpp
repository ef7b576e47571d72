// SPDX-License-Identifier: Apache-2.0
#include "tests/compat/differences.hpp"

namespace patchbay::testing {
namespace {

constexpr std::string_view crash = "LAVA answers 500; a mistake of the client is named as such";
constexpr std::string_view monitor =
    "LAVA loses a monitor's result whose measurement group took no part in the match; we keep it";
constexpr std::string_view unqueued =
    "LAVA writes nothing about a job that leaves the queue; ours has the lava/job result that clients look for";
constexpr std::string_view of_file =
    "devices come from the lab's configuration file; a change is refused with the place";
constexpr std::string_view one_worker = "the machine of the daemon is a worker from the start, and no other is";

// clang-format off
constexpr Difference table[] = {
    // Of every case.
    {"*", "*token", "the worker's secret of a job or worker is shown to nobody"},
    {"*", "metadata", "jobs have the metadata of their definition, as in later versions"},
    {"*/job*", "results.*.metadata", "jobs have the metadata of their definition, as in later versions"},
    {"*", "allow", "cancel also takes POST"},
    {"*", "order", "LAVA 2023.01 leaves the order to its database; jobs come newest first, as in later versions, all "
                   "else by id or name"},
    {"*", "*metadata.extra", "LAVA shows the path of a file on the server; a name says that there is something"},

    {"a-shell/results-metadata", "metadata length", "LAVA 2023.01 has lost the metadata of the definition; later ones have not"},
    {"a-shell/logs-bad-range", "status", crash},
    {"a-shell/suites-csv-limit", "status", crash},

    {"c-invalid/63b-metadata-list-value.submit", "status", "later versions of LAVA take any value in metadata"},
    {"c-invalid/60-yaml-python-object.validate*", "status", crash},

    {"e-monitors/tests", "*", monitor},
    {"e-monitors/results-*", "*", monitor},

    {"errors/404-*", "type", "unknown paths are answered in JSON, not by a page"},
    {"errors/301-no-slash", "status", "a path without its last slash is served, not redirected"},
    {"errors/500-or-404-post-no-slash", "status", "LAVA redirects and loses the body; the job is taken"},
    {"errors/400-malformed-json", "detail", "the words of another JSON parser; line and column are the same"},
    {"errors/406-accept-xml", "status", "Accept is not looked at: what a URL serves is served"},
    {"errors/bad-host-header", "*", "any host name is served; links are made of the one that the client used"},
    {"errors/private-cancel-as-joe", "status", "LAVA tells that an invisible job exists; ours is 404 as everywhere else"},

    {"f-cancel/cancel-post", "status", "POST cancels as well: SQUAD sends it"},
    {"f-cancel/cancel-unknown", "status", crash},

    {"f2-cancel-queued/logs", "*", unqueued},
    {"f2-cancel-queued/suites", "*", unqueued},
    {"f2-cancel-queued/tests", "*", unqueued},
    {"f2-cancel-queued/results-*", "*", unqueued},

    {"g-multinode/node*-by-sub-id", "status", "the sub id names the job here, too, as in later versions"},
    {"g-multinode/cancelled-node*", "actual_device", "LAVA had begun to place the jobs; here a waiting group holds no device"},
    {"h-health/*health_check-set", "type", "what has no body has no type"},

    {"objects/root", "groups", "of later versions"},
    {"objects/root", "remote-artifact-tokens", "of later versions"},
    {"objects/root", "users", "of later versions"},
    {"objects/*-as-html", "*", "there are no pages of HTML"},
    {"objects/device-dictionary-rendered", "body", "the rendered device has what our drivers read, not LAVA's templates"},
    {"objects/device-dictionary-context", "body", "the rendered device has what our drivers read, not LAVA's templates"},
    {"objects/devices-filter-bad", "status", crash},
    {"objects/jobs-*-bad", "status", crash},
    {"objects/workers-*", "count", one_worker},
    {"objects/workers-*", "results length", one_worker},
    {"objects/worker*", "*last_ping", "the worker answers itself: its last ping is now"},
    {"objects/worker-env*", "*", "the programs of a worker get the environment of its daemon"},
    {"objects/alias-create-again", "name.0", "the words of later versions"},
    {"objects/alias-create-bad", "*", "an alias of no type is refused: jobs could not use it"},
    {"objects/alias", "*", "LAVA takes .dtb for a format that is asked for, and finds nothing"},
    {"objects/alias-delete", "*", "LAVA takes .dtb for a format that is asked for, and finds nothing"},
    {"objects/device-dictionary-set", "*", of_file},
    {"objects/device-create", "*", of_file},
    {"objects/device-create-*", "*", of_file},
    {"objects/device-created", "*", of_file},
    {"objects/device-p*", "*", of_file},
    {"objects/device-set-tags", "*", of_file},
    {"objects/device-with-tags", "*", of_file},
    {"objects/device-delete", "*", of_file},
    {"objects/devicetype-create-no-aliases", "aliases", "aliases are made on their own"},
    {"objects/devicetype-template*", "*", "devices are described in whole, not by templates"},
};
// clang-format on

}  // namespace

std::span<const Difference> differences() { return table; }

}  // namespace patchbay::testing
