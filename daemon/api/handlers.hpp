// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every handler of the table in routes.cpp, by the file it is in.

#include "daemon/api/call.hpp"

namespace patchbay {

// jobs/read.cpp
Task<Response> list_jobs(Call& call);
Task<Response> show_job(Call& call);
Task<Response> show_definition(Call& call);
Task<Response> show_metadata(Call& call);
Task<Response> show_pipeline(Call& call);
// jobs/submit.cpp
Task<Response> submit_job(Call& call);
Task<Response> resubmit_job(Call& call);
// portable/portable.cpp
Task<Response> lower_job(Call& call);
Task<Response> show_portable_job(Call& call);
// jobs/validate.cpp
Task<Response> validate_job(Call& call);
Task<Response> validate_test_definition(Call& call);
// jobs/cancel.cpp
Task<Response> cancel_job(Call& call);
Task<Response> give_up_job(Call& call);
// jobs/change.cpp
Task<Response> update_job(Call& call);
Task<Response> delete_job(Call& call);
// jobs/batch_cancel.cpp
Task<Response> batch_cancel(Call& call);
// jobs/artifacts.cpp
Task<Response> list_artifacts(Call& call);
Task<Response> show_artifact(Call& call);
// jobs/attempts.cpp
Task<Response> list_attempts(Call& call);
// jobs/why.cpp
Task<Response> show_why(Call& call);
// jobs/logs.cpp
Task<Response> show_logs(Call& call);
Task<Response> plain_log(Call& call);
// jobs/events.cpp
Task<Response> stream_events(Call& call);
// jobs/notifications.cpp
Task<Response> list_notifications(Call& call);
Task<Response> retry_notifications(Call& call);
// jobs/results.cpp
Task<Response> list_suites(Call& call);
Task<Response> show_suite(Call& call);
Task<Response> list_tests(Call& call);
Task<Response> list_suite_tests(Call& call);
Task<Response> show_test(Call& call);
Task<Response> show_suite_test(Call& call);
// jobs/export.cpp
Task<Response> job_junit(Call& call);
Task<Response> job_tap13(Call& call);
Task<Response> job_csv(Call& call);
Task<Response> job_yaml(Call& call);
Task<Response> suite_csv(Call& call);
Task<Response> suite_yaml(Call& call);
// lab/devices.cpp
Task<Response> list_devices(Call& call);
Task<Response> show_device(Call& call);
Task<Response> show_dictionary(Call& call);
Task<Response> set_device_health(Call& call);
// lab/device_health.cpp
Task<Response> show_health(Call& call);
// lab/change_devices.cpp
Task<Response> create_device(Call& call);
Task<Response> update_device(Call& call);
Task<Response> delete_device(Call& call);
Task<Response> set_dictionary(Call& call);
// lab/validate_dictionary.cpp
Task<Response> validate_dictionary(Call& call);
// lab/reservations.cpp
Task<Response> list_reservations(Call& call);
Task<Response> reserve_device(Call& call);
Task<Response> release_device(Call& call);
// leases/
Task<Response> list_leases(Call& call);
Task<Response> acquire_lease(Call& call);
Task<Response> show_lease(Call& call);
Task<Response> extend_lease(Call& call);
Task<Response> export_lease(Call& call);
Task<Response> end_exports(Call& call);
Task<Response> release_lease(Call& call);
Task<Response> lease_break(Call& call);
Task<Response> lease_command(Call& call);
Task<Response> lease_line(Call& call);
Task<Response> lease_power(Call& call);
Task<Response> lease_reset(Call& call);
Task<Response> lease_speed(Call& call);
Task<Response> lease_storage(Call& call);
Task<Response> lease_upload(Call& call);
Task<Response> watch_console(Call& call);
// lab/device_types.cpp
Task<Response> list_device_types(Call& call);
Task<Response> show_device_type(Call& call);
Task<Response> create_device_type(Call& call);
Task<Response> update_device_type(Call& call);
Task<Response> delete_device_type(Call& call);
// lab/health_checks.cpp
Task<Response> show_health_check(Call& call);
Task<Response> set_health_check(Call& call);
Task<Response> show_template(Call& call);
Task<Response> set_template(Call& call);
// lab/aliases.cpp
Task<Response> list_aliases(Call& call);
Task<Response> show_alias(Call& call);
Task<Response> create_alias(Call& call);
Task<Response> update_alias(Call& call);
Task<Response> delete_alias(Call& call);
// lab/tags.cpp
Task<Response> list_tags(Call& call);
Task<Response> show_tag(Call& call);
Task<Response> create_tag(Call& call);
Task<Response> update_tag(Call& call);
Task<Response> delete_tag(Call& call);
// lab/workers.cpp
Task<Response> list_workers(Call& call);
Task<Response> show_worker(Call& call);
Task<Response> update_worker(Call& call);
Task<Response> set_worker_health(Call& call);
Task<Response> show_worker_env(Call& call);
Task<Response> show_worker_config(Call& call);
/// Adding, removing and setting up workers.
Task<Response> create_worker(Call& call);
Task<Response> delete_worker(Call& call);
Task<Response> refuse_worker_file(Call& call);
// people/permissions.cpp
Task<Response> list_device_permissions(Call& call);
Task<Response> show_device_permission(Call& call);
Task<Response> add_device_permission(Call& call);
Task<Response> change_device_permission(Call& call);
Task<Response> delete_device_permission(Call& call);
Task<Response> list_type_permissions(Call& call);
Task<Response> show_type_permission(Call& call);
Task<Response> add_type_permission(Call& call);
Task<Response> change_type_permission(Call& call);
Task<Response> delete_type_permission(Call& call);
// people/groups.cpp
Task<Response> list_groups(Call& call);
Task<Response> show_group(Call& call);
Task<Response> add_group(Call& call);
Task<Response> change_group(Call& call);
Task<Response> delete_group(Call& call);
// people/users.cpp
Task<Response> list_users(Call& call);
Task<Response> show_user(Call& call);
Task<Response> add_user(Call& call);
Task<Response> change_user(Call& call);
Task<Response> delete_user(Call& call);
// people/log_in.cpp
Task<Response> log_in(Call& call);
// people/remote_tokens.cpp
Task<Response> list_remote_tokens(Call& call);
Task<Response> show_remote_token(Call& call);
Task<Response> add_remote_token(Call& call);
Task<Response> change_remote_token(Call& call);
Task<Response> delete_remote_token(Call& call);
// people/audit.cpp
Task<Response> list_audit(Call& call);
// pages/job_page.cpp
Task<Response> job_page(Call& call);
// pages/plain_definition.cpp
Task<Response> plain_definition(Call& call);
// pages/result_pages.cpp
Task<Response> results_csv_page(Call& call);
Task<Response> results_metadata_page(Call& call);
Task<Response> results_summary_page(Call& call);
Task<Response> results_yaml_page(Call& call);
Task<Response> suite_count_page(Call& call);
Task<Response> suite_csv_page(Call& call);
Task<Response> suite_yaml_page(Call& call);
// metrics.cpp
Task<Response> prometheus(Call& call);
// system.cpp
Task<Response> api_index(Call& call);
Task<Response> empty_index(Call& call);
Task<Response> system_index(Call& call);
Task<Response> system_version(Call& call);
Task<Response> whoami(Call& call);
Task<Response> master_config(Call& call);
Task<Response> healthz(Call& call);

}  // namespace patchbay
