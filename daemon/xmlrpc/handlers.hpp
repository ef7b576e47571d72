// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every handler of the table in methods.cpp, by the file it is in.

#include "core/task.hpp"
#include "daemon/xmlrpc/rpc_call.hpp"

namespace patchbay::rpc {

// system.cpp
Task<config::Value> api_version(RpcCall& call);
Task<config::Value> close_connection(RpcCall& call);
Task<config::Value> get_capabilities(RpcCall& call);
Task<config::Value> master_config(RpcCall& call);
Task<config::Value> pipeline_network_map(RpcCall& call);
Task<config::Value> version(RpcCall& call);
Task<config::Value> whoami(RpcCall& call);
// jobs/submit.cpp
Task<config::Value> jobs_submit(RpcCall& call);
Task<config::Value> jobs_resubmit(RpcCall& call);
Task<config::Value> jobs_cancel(RpcCall& call);
Task<config::Value> jobs_validate(RpcCall& call);
Task<config::Value> validate_yaml(RpcCall& call);
// jobs/show.cpp
Task<config::Value> jobs_show(RpcCall& call);
Task<config::Value> jobs_definition(RpcCall& call);
Task<config::Value> job_state(RpcCall& call);
Task<config::Value> job_health(RpcCall& call);
Task<config::Value> job_status(RpcCall& call);
Task<config::Value> job_details(RpcCall& call);
// jobs/list.cpp
Task<config::Value> jobs_list(RpcCall& call);
Task<config::Value> jobs_queue(RpcCall& call);
Task<config::Value> all_jobs(RpcCall& call);
// jobs/recent.cpp
Task<config::Value> recent_jobs_of_device(RpcCall& call);
Task<config::Value> recent_jobs_of_type(RpcCall& call);
// jobs/configuration.cpp
Task<config::Value> jobs_configuration(RpcCall& call);
// jobs/logs.cpp
Task<config::Value> jobs_logs(RpcCall& call);
Task<config::Value> job_output(RpcCall& call);
// results.cpp
Task<config::Value> testjob_results_yaml(RpcCall& call);
Task<config::Value> testjob_results_csv(RpcCall& call);
Task<config::Value> testsuite_results_yaml(RpcCall& call);
Task<config::Value> testsuite_results_csv(RpcCall& call);
Task<config::Value> testcase_results_yaml(RpcCall& call);
Task<config::Value> testcase_results_csv(RpcCall& call);
Task<config::Value> testjob_suites_yaml(RpcCall& call);
Task<config::Value> testjob_suites_csv(RpcCall& call);
Task<config::Value> testsuite_results_count(RpcCall& call);
Task<config::Value> testjob_metadata(RpcCall& call);
// lab/devices.cpp
Task<config::Value> devices_list(RpcCall& call);
Task<config::Value> devices_show(RpcCall& call);
Task<config::Value> devices_tags_add(RpcCall& call);
Task<config::Value> devices_tags_delete(RpcCall& call);
Task<config::Value> devices_tags_list(RpcCall& call);
Task<config::Value> devices_refused(RpcCall& call);
Task<config::Value> devices_set_dictionary(RpcCall& call);
Task<config::Value> import_device_dictionary(RpcCall& call);
Task<config::Value> devices_get_dictionary(RpcCall& call);
Task<config::Value> export_device_dictionary(RpcCall& call);
Task<config::Value> get_device_config(RpcCall& call);
Task<config::Value> devices_update(RpcCall& call);
Task<config::Value> put_into_maintenance_mode(RpcCall& call);
Task<config::Value> put_into_online_mode(RpcCall& call);
// lab/device_status.cpp
Task<config::Value> all_devices(RpcCall& call);
Task<config::Value> all_device_types(RpcCall& call);
Task<config::Value> pending_jobs_by_device_type(RpcCall& call);
Task<config::Value> get_device_status(RpcCall& call);
// lab/validate_devices.cpp
Task<config::Value> validate_pipeline_devices(RpcCall& call);
// lab/device_types.cpp
Task<config::Value> device_types_list(RpcCall& call);
Task<config::Value> device_types_devices(RpcCall& call);
Task<config::Value> device_types_show(RpcCall& call);
Task<config::Value> device_types_get_template(RpcCall& call);
Task<config::Value> device_types_set_template(RpcCall& call);
Task<config::Value> device_types_get_health_check(RpcCall& call);
Task<config::Value> device_types_set_health_check(RpcCall& call);
Task<config::Value> device_types_add(RpcCall& call);
Task<config::Value> device_types_update(RpcCall& call);
// lab/aliases.cpp
Task<config::Value> aliases_add(RpcCall& call);
Task<config::Value> aliases_delete(RpcCall& call);
Task<config::Value> aliases_list(RpcCall& call);
Task<config::Value> aliases_show(RpcCall& call);
Task<config::Value> device_types_aliases_add(RpcCall& call);
Task<config::Value> device_types_aliases_delete(RpcCall& call);
Task<config::Value> device_types_aliases_list(RpcCall& call);
Task<config::Value> get_device_type_by_alias(RpcCall& call);
// lab/lab.cpp
Task<config::Value> tags_add(RpcCall& call);
Task<config::Value> tags_delete(RpcCall& call);
Task<config::Value> tags_list(RpcCall& call);
Task<config::Value> tags_show(RpcCall& call);
Task<config::Value> get_publisher_event_socket(RpcCall& call);
// lab/workers.cpp
Task<config::Value> workers_list(RpcCall& call);
Task<config::Value> workers_show(RpcCall& call);
Task<config::Value> workers_update(RpcCall& call);
Task<config::Value> workers_get_config(RpcCall& call);
Task<config::Value> workers_get_env(RpcCall& call);
Task<config::Value> workers_get_env_dut(RpcCall& call);
/// Adding and setting up workers.
Task<config::Value> workers_refused(RpcCall& call);
Task<config::Value> workers_add(RpcCall& call);
Task<config::Value> workers_delete(RpcCall& call);
// people/permissions.cpp
Task<config::Value> assign_perm_device(RpcCall& call);
Task<config::Value> revoke_perm_device(RpcCall& call);
Task<config::Value> assign_perm_device_type(RpcCall& call);
Task<config::Value> revoke_perm_device_type(RpcCall& call);
Task<config::Value> devices_perms_add(RpcCall& call);
Task<config::Value> devices_perms_delete(RpcCall& call);
Task<config::Value> devices_perms_list(RpcCall& call);
Task<config::Value> device_types_perms_add(RpcCall& call);
Task<config::Value> device_types_perms_delete(RpcCall& call);
Task<config::Value> device_types_perms_list(RpcCall& call);
// people/groups.cpp
Task<config::Value> groups_add(RpcCall& call);
Task<config::Value> groups_delete(RpcCall& call);
Task<config::Value> groups_list(RpcCall& call);
Task<config::Value> groups_show(RpcCall& call);
Task<config::Value> groups_perms_add(RpcCall& call);
Task<config::Value> groups_perms_delete(RpcCall& call);
Task<config::Value> groups_perms_list(RpcCall& call);
// people/users.cpp
Task<config::Value> users_add(RpcCall& call);
Task<config::Value> users_delete(RpcCall& call);
Task<config::Value> users_list(RpcCall& call);
Task<config::Value> users_show(RpcCall& call);
Task<config::Value> users_update(RpcCall& call);
Task<config::Value> users_groups_add(RpcCall& call);
Task<config::Value> users_groups_delete(RpcCall& call);
Task<config::Value> users_groups_list(RpcCall& call);
Task<config::Value> users_perms_add(RpcCall& call);
Task<config::Value> users_perms_delete(RpcCall& call);
Task<config::Value> users_perms_list(RpcCall& call);
Task<config::Value> set_user_groups(RpcCall& call);
// people/remote_tokens.cpp
Task<config::Value> remote_tokens_add(RpcCall& call);
Task<config::Value> remote_tokens_delete(RpcCall& call);
Task<config::Value> remote_tokens_list(RpcCall& call);
// rights.cpp
Task<config::Value> user_can_view_bundles(RpcCall& call);
Task<config::Value> user_can_view_jobs(RpcCall& call);
Task<config::Value> user_can_view_devices(RpcCall& call);
Task<config::Value> user_can_submit_to_types(RpcCall& call);
// introspection.cpp
Task<config::Value> list_methods(RpcCall& call);
Task<config::Value> method_help(RpcCall& call);
Task<config::Value> method_signature(RpcCall& call);
// multicall.cpp
Task<config::Value> multicall(RpcCall& call);

}  // namespace patchbay::rpc
