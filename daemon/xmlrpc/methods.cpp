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
    // name, who may, handler, parameters
    {"results.get_testcase_results_csv",            user,    rpc::testcase_results_csv,               "job_id, suite_name, case_name"},
    {"results.get_testcase_results_yaml",           user,    rpc::testcase_results_yaml,              "job_id, suite_name, case_name"},
    {"results.get_testjob_metadata",                user,    rpc::testjob_metadata,                   "job_id"},
    {"results.get_testjob_results_csv",             user,    rpc::testjob_results_csv,                "job_id"},
    {"results.get_testjob_results_yaml",            user,    rpc::testjob_results_yaml,               "job_id"},
    {"results.get_testjob_suites_list_csv",         user,    rpc::testjob_suites_csv,                 "job_id"},
    {"results.get_testjob_suites_list_yaml",        user,    rpc::testjob_suites_yaml,                "job_id"},
    {"results.get_testsuite_results_count",         user,    rpc::testsuite_results_count,            "job_id, suite_name"},
    {"results.get_testsuite_results_csv",           user,    rpc::testsuite_results_csv,              "job_id, suite_name, limit=None, offset=None"},
    {"results.get_testsuite_results_yaml",          user,    rpc::testsuite_results_yaml,             "job_id, suite_name, limit=None, offset=None"},
    {"scheduler.aliases.add",                        superuser,rpc::aliases_add,                         "name, device_type"},
    {"scheduler.aliases.delete",                     superuser,rpc::aliases_delete,                      "name"},
    {"scheduler.aliases.list",                      anyone,  rpc::aliases_list,                       ""},
    {"scheduler.aliases.show",                       anyone,  rpc::aliases_show,                        "name"},
    {"scheduler.all_device_types",                  anyone,  rpc::all_device_types,                   ""},
    {"scheduler.all_devices",                       anyone,  rpc::all_devices,                        ""},
    {"scheduler.all_jobs",                          anyone,  rpc::all_jobs,                           ""},
    {"scheduler.cancel_job",                        user,    rpc::jobs_cancel,                        "job_id"},
    {"scheduler.device_types.add",                   superuser,rpc::device_types_add,                    "name, description=None, display=True, owners_only=False, health_frequency=24, health_denominator='hours'"},
    {"scheduler.device_types.aliases.add",           superuser,rpc::device_types_aliases_add,            "name, alias"},
    {"scheduler.device_types.aliases.delete",        superuser,rpc::device_types_aliases_delete,         "name, alias"},
    {"scheduler.device_types.aliases.list",         anyone,  rpc::device_types_aliases_list,          "name"},
    {"scheduler.device_types.get_health_check",     anyone,  rpc::device_types_get_health_check,      "name"},
    {"scheduler.device_types.get_template",         anyone,  rpc::device_types_get_template,          "name"},
    {"scheduler.device_types.list",                 anyone,  rpc::device_types_list,                  "show_all=False"},
    {"scheduler.device_types.set_health_check",      superuser,rpc::device_types_set_health_check,       "name, config"},
    {"scheduler.device_types.set_template",          superuser,rpc::device_types_set_template,           "name, config"},
    {"scheduler.device_types.show",                 anyone,  rpc::device_types_show,                  "name"},
    {"scheduler.device_types.update",                superuser,rpc::device_types_update,                 "name, description=None, display=None, owners_only=None, health_frequency=None, health_denominator=None, health_disabled=None"},
    {"scheduler.devices.add",                        superuser,rpc::devices_refused,                     "hostname, type_name, worker_name, user_name=None, group_name=None, public=True, health=None, description=None"},
    {"scheduler.devices.get_dictionary",            anyone,  rpc::devices_get_dictionary,             "hostname, render=False, context=None"},
    {"scheduler.devices.list",                      anyone,  rpc::devices_list,                       "show_all=False, offline_info=False"},
    {"scheduler.devices.set_dictionary",             superuser,rpc::devices_refused,                     "hostname, dictionary"},
    {"scheduler.devices.show",                      anyone,  rpc::devices_show,                       "hostname"},
    {"scheduler.devices.tags.add",                   superuser,rpc::devices_tags_add,                    "hostname, tag"},
    {"scheduler.devices.tags.delete",                superuser,rpc::devices_tags_delete,                 "hostname, tag"},
    {"scheduler.devices.tags.list",                 anyone,  rpc::devices_tags_list,                  "hostname"},
    {"scheduler.devices.update",                    user,    rpc::devices_update,                     "hostname, worker=None, user=None, group=None, public=None, health=None, description=None, device_type=None"},
    {"scheduler.export_device_dictionary",          anyone,  rpc::export_device_dictionary,           "hostname"},
    {"scheduler.get_device_config",                 anyone,  rpc::get_device_config,                  "hostname, context=None"},
    {"scheduler.get_device_status",                 anyone,  rpc::get_device_status,                  "hostname"},
    {"scheduler.get_device_type_by_alias",           anyone,  rpc::get_device_type_by_alias,            "alias"},
    {"scheduler.get_publisher_event_socket",        anyone,  rpc::get_publisher_event_socket,         ""},
    {"scheduler.import_device_dictionary",           superuser,rpc::devices_refused,                     "hostname, jinja_str"},
    {"scheduler.job_details",                       anyone,  rpc::job_details,                        "job_id"},
    {"scheduler.job_health",                        anyone,  rpc::job_health,                         "job_id"},
    {"scheduler.job_output",                        anyone,  rpc::job_output,                         "job_id, offset=0"},
    {"scheduler.job_state",                         anyone,  rpc::job_state,                          "job_id"},
    {"scheduler.job_status",                        anyone,  rpc::job_status,                         "job_id"},
    {"scheduler.jobs.cancel",                       user,    rpc::jobs_cancel,                        "job_id"},
    {"scheduler.jobs.definition",                   anyone,  rpc::jobs_definition,                    "job_id"},
    {"scheduler.jobs.list",                         anyone,  rpc::jobs_list,                          "state=None, health=None, start=0, limit=25, since=0, verbose=False"},
    {"scheduler.jobs.logs",                         anyone,  rpc::jobs_logs,                          "job_id, start=0, end=None"},
    {"scheduler.jobs.queue",                        anyone,  rpc::jobs_queue,                         "device_types=None, start=0, limit=25"},
    {"scheduler.jobs.resubmit",                     user,    rpc::jobs_resubmit,                      "job_id"},
    {"scheduler.jobs.show",                         anyone,  rpc::jobs_show,                          "job_id"},
    {"scheduler.jobs.submit",                       user,    rpc::jobs_submit,                        "definition"},
    {"scheduler.jobs.validate",                     anyone,  rpc::jobs_validate,                      "definition, strict=False"},
    {"scheduler.pending_jobs_by_device_type",       anyone,  rpc::pending_jobs_by_device_type,        "all=False"},
    {"scheduler.put_into_maintenance_mode",         user,    rpc::put_into_maintenance_mode,          "hostname, reason, notify=None"},
    {"scheduler.put_into_online_mode",              user,    rpc::put_into_online_mode,               "hostname, reason, skip_health_check=False"},
    {"scheduler.resubmit_job",                      user,    rpc::jobs_resubmit,                      "job_id"},
    {"scheduler.submit_job",                        user,    rpc::jobs_submit,                        "job_data"},
    {"scheduler.tags.add",                           superuser,rpc::tags_add,                            "name, description=None"},
    {"scheduler.tags.delete",                        superuser,rpc::tags_delete,                         "name"},
    {"scheduler.tags.list",                         anyone,  rpc::tags_list,                          ""},
    {"scheduler.tags.show",                         anyone,  rpc::tags_show,                          "name"},
    {"scheduler.validate_yaml",                     anyone,  rpc::validate_yaml,                      "yaml_string"},
    {"scheduler.workers.add",                        superuser,rpc::workers_refused,                     "hostname, description=None, disabled=False"},
    {"scheduler.workers.get_config",                 anyone,  rpc::workers_get_config,                  "hostname"},
    {"scheduler.workers.get_env",                    anyone,  rpc::workers_get_env,                     "hostname"},
    {"scheduler.workers.get_env_dut",                anyone,  rpc::workers_get_env_dut,                 "hostname"},
    {"scheduler.workers.list",                      anyone,  rpc::workers_list,                       "show_all=True"},
    {"scheduler.workers.set_config",                 superuser,rpc::workers_refused,                     "hostname, config"},
    {"scheduler.workers.set_env",                    superuser,rpc::workers_refused,                     "hostname, env"},
    {"scheduler.workers.set_env_dut",                superuser,rpc::workers_refused,                     "hostname, env"},
    {"scheduler.workers.show",                      anyone,  rpc::workers_show,                       "hostname"},
    {"scheduler.workers.update",                     superuser,rpc::workers_update,                      "hostname, description=None, health=None, job_limit=None"},
    {"system.api_version",                          anyone,  rpc::api_version,                        ""},
    {"system.getCapabilities",                      anyone,  rpc::get_capabilities,                   ""},
    {"system.listMethods",                          anyone,  rpc::list_methods,                       ""},
    {"system.master_config",                        anyone,  rpc::master_config,                      ""},
    {"system.methodHelp",                           anyone,  rpc::method_help,                        "method_name"},
    {"system.methodSignature",                      anyone,  rpc::method_signature,                   "method_name"},
    {"system.multicall",                            anyone,  rpc::multicall,                          "calls"},
    {"system.user_can_submit_to_types",             user,    rpc::user_can_submit_to_types,           "type_list, username=None"},
    {"system.user_can_view_devices",                user,    rpc::user_can_view_devices,              "device_list, username=None"},
    {"system.user_can_view_jobs",                   user,    rpc::user_can_view_jobs,                 "job_list, username=None"},
    {"system.version",                              anyone,  rpc::version,                            ""},
    {"system.whoami",                               anyone,  rpc::whoami,                             ""},
};

constexpr std::string_view missing[] = {
    "results.make_custom_query",
    "results.refresh_all_queries",
    "results.refresh_query",
    "results.run_query",
    "scheduler.get_recent_jobs_for_device",
    "scheduler.get_recent_jobs_for_device_type",
    "scheduler.jobs.configuration",
    "scheduler.validate_pipeline_devices",
    "system.assign_perm_device",
    "system.assign_perm_device_type",
    "system.pipeline_network_map",
    "system.revoke_perm_device",
    "system.revoke_perm_device_type",
    "system.set_user_groups",
    "system.user_can_view_bundles",
};
// clang-format on

}  // namespace

std::span<const RpcMethod> rpc_methods() { return table; }
std::span<const std::string_view> missing_rpc_methods() { return missing; }

}  // namespace patchbay
