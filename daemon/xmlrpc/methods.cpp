// SPDX-License-Identifier: Apache-2.0
// Every method, with who may call it. Those behind them in LAVA: lava_scheduler_app/api, lava_results_app/api.py,
// linaro_django_xmlrpc/models.py.
#include "daemon/xmlrpc/methods.hpp"

#include "daemon/xmlrpc/handlers.hpp"

namespace patchbay {
namespace {

using enum Access;

// clang-format off
constexpr RpcMethod table[] = {
    // name                                           who may   parameters                    handler
    {"scheduler.all_jobs",                            anyone,   "",                           rpc::all_jobs},
    {"scheduler.cancel_job",                          user,     "job_id",                     rpc::jobs_cancel},
    {"scheduler.job_details",                         anyone,   "job_id",                     rpc::job_details},
    {"scheduler.job_health",                          anyone,   "job_id",                     rpc::job_health},
    {"scheduler.job_output",                          anyone,   "job_id, offset=0",           rpc::job_output},
    {"scheduler.job_state",                           anyone,   "job_id",                     rpc::job_state},
    {"scheduler.job_status",                          anyone,   "job_id",                     rpc::job_status},
    {"scheduler.jobs.cancel",                         user,     "job_id",                     rpc::jobs_cancel},
    {"scheduler.jobs.definition",                     anyone,   "job_id",                     rpc::jobs_definition},
    {"scheduler.jobs.list",                           anyone,   "state=None, health=None, start=0, limit=25, since=0, verbose=False", rpc::jobs_list},
    {"scheduler.jobs.logs",                           anyone,   "job_id, start=0, end=None",  rpc::jobs_logs},
    {"scheduler.jobs.queue",                          anyone,   "device_types=None, start=0, limit=25", rpc::jobs_queue},
    {"scheduler.jobs.resubmit",                       user,     "job_id",                     rpc::jobs_resubmit},
    {"scheduler.jobs.show",                           anyone,   "job_id",                     rpc::jobs_show},
    {"scheduler.jobs.submit",                         user,     "definition",                 rpc::jobs_submit},
    {"scheduler.jobs.validate",                       anyone,   "definition, strict=False",   rpc::jobs_validate},
    {"scheduler.resubmit_job",                        user,     "job_id",                     rpc::jobs_resubmit},
    {"scheduler.submit_job",                          user,     "job_data",                   rpc::jobs_submit},
    {"scheduler.validate_yaml",                       anyone,   "yaml_string",                rpc::validate_yaml},
    {"system.api_version",                            anyone,   "",                           rpc::api_version},
    {"system.getCapabilities",                        anyone,   "",                           rpc::get_capabilities},
    {"system.listMethods",                            anyone,   "",                           rpc::list_methods},
    {"system.master_config",                          anyone,   "",                           rpc::master_config},
    {"system.methodHelp",                             anyone,   "method_name",                rpc::method_help},
    {"system.methodSignature",                        anyone,   "method_name",                rpc::method_signature},
    {"system.multicall",                              anyone,   "calls",                      rpc::multicall},
    {"system.version",                                anyone,   "",                           rpc::version},
    {"system.whoami",                                 anyone,   "",                           rpc::whoami},
};

constexpr std::string_view missing[] = {
    "results.get_testcase_results_csv",
    "results.get_testcase_results_yaml",
    "results.get_testjob_metadata",
    "results.get_testjob_results_csv",
    "results.get_testjob_results_yaml",
    "results.get_testjob_suites_list_csv",
    "results.get_testjob_suites_list_yaml",
    "results.get_testsuite_results_count",
    "results.get_testsuite_results_csv",
    "results.get_testsuite_results_yaml",
    "results.make_custom_query",
    "results.refresh_all_queries",
    "results.refresh_query",
    "results.run_query",
    "scheduler.aliases.add",
    "scheduler.aliases.delete",
    "scheduler.aliases.list",
    "scheduler.aliases.show",
    "scheduler.all_device_types",
    "scheduler.all_devices",
    "scheduler.device_types.add",
    "scheduler.device_types.aliases.add",
    "scheduler.device_types.aliases.delete",
    "scheduler.device_types.aliases.list",
    "scheduler.device_types.get_health_check",
    "scheduler.device_types.get_template",
    "scheduler.device_types.list",
    "scheduler.device_types.set_health_check",
    "scheduler.device_types.set_template",
    "scheduler.device_types.show",
    "scheduler.device_types.update",
    "scheduler.devices.add",
    "scheduler.devices.get_dictionary",
    "scheduler.devices.list",
    "scheduler.devices.set_dictionary",
    "scheduler.devices.show",
    "scheduler.devices.tags.add",
    "scheduler.devices.tags.delete",
    "scheduler.devices.tags.list",
    "scheduler.devices.update",
    "scheduler.export_device_dictionary",
    "scheduler.get_device_config",
    "scheduler.get_device_status",
    "scheduler.get_device_type_by_alias",
    "scheduler.get_publisher_event_socket",
    "scheduler.get_recent_jobs_for_device",
    "scheduler.get_recent_jobs_for_device_type",
    "scheduler.import_device_dictionary",
    "scheduler.jobs.configuration",
    "scheduler.pending_jobs_by_device_type",
    "scheduler.put_into_maintenance_mode",
    "scheduler.put_into_online_mode",
    "scheduler.tags.add",
    "scheduler.tags.delete",
    "scheduler.tags.list",
    "scheduler.tags.show",
    "scheduler.validate_pipeline_devices",
    "scheduler.workers.add",
    "scheduler.workers.get_config",
    "scheduler.workers.get_env",
    "scheduler.workers.get_env_dut",
    "scheduler.workers.list",
    "scheduler.workers.set_config",
    "scheduler.workers.set_env",
    "scheduler.workers.set_env_dut",
    "scheduler.workers.show",
    "scheduler.workers.update",
    "system.assign_perm_device",
    "system.assign_perm_device_type",
    "system.pipeline_network_map",
    "system.revoke_perm_device",
    "system.revoke_perm_device_type",
    "system.set_user_groups",
    "system.user_can_submit_to_types",
    "system.user_can_view_bundles",
    "system.user_can_view_devices",
    "system.user_can_view_jobs",
};
// clang-format on

}  // namespace

std::span<const RpcMethod> rpc_methods() { return table; }
std::span<const std::string_view> missing_rpc_methods() { return missing; }

}  // namespace patchbay
