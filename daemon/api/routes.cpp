// SPDX-License-Identifier: Apache-2.0
// Every URL of the API, with who may use it. The views behind them are LAVA's lava_rest_app/v02/views.py.
#include "daemon/api/handlers.hpp"
#include "daemon/api/route.hpp"

namespace patchbay {
namespace {

using enum Method;

// clang-format off
constexpr Route table[] = {
    // method  path                                                  who may            handler
    {get,  "/api/v0.2/",                                             Access::anyone,    api_index},
    {get,  "/api/v0.2/jobs/",                                        Access::anyone,    list_jobs},
    {post, "/api/v0.2/jobs/",                                        Access::user,      submit_job},
    {post, "/api/v0.2/jobs/batch_cancel/",                           Access::user,      batch_cancel},
    {post, "/api/v0.2/jobs/validate/",                               Access::anyone,    validate_job},
    {post, "/api/v0.2/jobs/validate_testdef/",                       Access::anyone,    validate_test_definition},
    {get,  "/api/v0.2/jobs/{job}/",                                  Access::anyone,    show_job},
    {put,  "/api/v0.2/jobs/{job}/",                                  Access::superuser, update_job},
    {patch,"/api/v0.2/jobs/{job}/",                                  Access::superuser, update_job},
    {del,  "/api/v0.2/jobs/{job}/",                                  Access::superuser, delete_job},
    {get,  "/api/v0.2/jobs/{job}/artifacts/",                        Access::anyone,    list_artifacts},  // ours
    {get,  "/api/v0.2/jobs/{job}/artifacts/{name}/",                 Access::anyone,    show_artifact},  // ours
    {get,  "/api/v0.2/jobs/{job}/attempts/",                         Access::anyone,    list_attempts},  // ours
    {get,  "/api/v0.2/jobs/{job}/cancel/",                           Access::anyone,    cancel_job, Effect::change},  // GET in LAVA
    {post, "/api/v0.2/jobs/{job}/cancel/",                           Access::anyone,    cancel_job},  // ours
    {get,  "/api/v0.2/jobs/{job}/csv/",                              Access::anyone,    job_csv},
    {get,  "/api/v0.2/jobs/{job}/definition/",                       Access::anyone,    show_definition},  // ours
    {get,  "/api/v0.2/jobs/{job}/events/",                           Access::anyone,    stream_events},  // ours
    {post, "/api/v0.2/jobs/{job}/fail/",                             Access::superuser, give_up_job},  // a web page in LAVA
    {get,  "/api/v0.2/jobs/{job}/junit/",                            Access::anyone,    job_junit},
    {get,  "/api/v0.2/jobs/{job}/logs/",                             Access::anyone,    show_logs},
    {get,  "/api/v0.2/jobs/{job}/metadata/",                         Access::anyone,    show_metadata},
    {get,  "/api/v0.2/jobs/{job}/notifications/",                    Access::anyone,    list_notifications},   // ours
    {post, "/api/v0.2/jobs/{job}/notifications/retry/",              Access::user,      retry_notifications},  // ours
    {get,  "/api/v0.2/jobs/{job}/pipeline/",                         Access::user,      show_pipeline},  // ours
    {post, "/api/v0.2/jobs/{job}/resubmit/",                         Access::user,      resubmit_job},
    {get,  "/api/v0.2/jobs/{job}/suites/",                           Access::anyone,    list_suites},
    {get,  "/api/v0.2/jobs/{job}/suites/{suite}/",                   Access::anyone,    show_suite},
    {get,  "/api/v0.2/jobs/{job}/suites/{suite}/csv/",               Access::anyone,    suite_csv},
    {get,  "/api/v0.2/jobs/{job}/suites/{suite}/tests/",             Access::anyone,    list_suite_tests},
    {get,  "/api/v0.2/jobs/{job}/suites/{suite}/tests/{test}/",      Access::anyone,    show_suite_test},
    {get,  "/api/v0.2/jobs/{job}/suites/{suite}/yaml/",              Access::anyone,    suite_yaml},
    {get,  "/api/v0.2/jobs/{job}/tap13/",                            Access::anyone,    job_tap13},
    {get,  "/api/v0.2/jobs/{job}/tests/",                            Access::anyone,    list_tests},
    {get,  "/api/v0.2/jobs/{job}/tests/{test}/",                     Access::anyone,    show_test},
    {get,  "/api/v0.2/jobs/{job}/why/",                              Access::anyone,    show_why},  // ours
    {get,  "/api/v0.2/jobs/{job}/yaml/",                             Access::anyone,    job_yaml},
    {post, "/api/v0.2/portable_jobs/lower/",                         Access::user,      lower_job},  // ours
    {get,  "/api/v0.2/portable_jobs/{number}/",                      Access::anyone,    show_portable_job},  // ours
    {get,  "/api/v0.2/devices/",                                     Access::anyone,    list_devices},
    {post, "/api/v0.2/devices/",                                     Access::superuser, create_device},
    {post, "/api/v0.2/devices/validate/",                            Access::superuser, validate_dictionary},
    {get,  "/api/v0.2/devices/{device}/",                            Access::anyone,    show_device},
    {put,  "/api/v0.2/devices/{device}/",                            Access::superuser, update_device},
    {patch,"/api/v0.2/devices/{device}/",                            Access::superuser, update_device},
    {del,  "/api/v0.2/devices/{device}/",                            Access::superuser, delete_device},
    {get,  "/api/v0.2/devices/{device}/console/",                    Access::anyone,    watch_console},  // ours
    {get,  "/api/v0.2/devices/{device}/dictionary/",                 Access::anyone,    show_dictionary},
    {get,  "/api/v0.2/devices/{device}/health/",                     Access::anyone,    show_health},  // ours
    {post, "/api/v0.2/devices/{device}/dictionary/",                 Access::user,      set_dictionary},
    {post, "/api/v0.2/devices/{device}/release/",                    Access::user,      release_device},  // ours
    {post, "/api/v0.2/devices/{device}/reserve/",                    Access::user,      reserve_device},  // ours
    {post, "/api/v0.2/devices/{device}/set_health/",                 Access::user,      set_device_health},
    {get,  "/api/v0.2/devicetypes/",                                 Access::anyone,    list_device_types},
    {post, "/api/v0.2/devicetypes/",                                 Access::superuser, create_device_type},
    {get,  "/api/v0.2/devicetypes/{type}/",                          Access::anyone,    show_device_type},
    {put,  "/api/v0.2/devicetypes/{type}/",                          Access::superuser, update_device_type},
    {patch,"/api/v0.2/devicetypes/{type}/",                          Access::superuser, update_device_type},
    {del,  "/api/v0.2/devicetypes/{type}/",                          Access::superuser, delete_device_type},
    {get,  "/api/v0.2/devicetypes/{type}/health_check/",             Access::anyone,    show_health_check},
    {post, "/api/v0.2/devicetypes/{type}/health_check/",             Access::user,      set_health_check},
    {get,  "/api/v0.2/devicetypes/{type}/template/",                 Access::anyone,    show_template},
    {post, "/api/v0.2/devicetypes/{type}/template/",                 Access::user,      set_template},
    {get,  "/api/v0.2/aliases/",                                     Access::user,      list_aliases},
    {post, "/api/v0.2/aliases/",                                     "add_alias",       create_alias},
    {get,  "/api/v0.2/aliases/{alias}/",                             Access::user,      show_alias},
    {put,  "/api/v0.2/aliases/{alias}/",                             "change_alias",    update_alias},
    {patch,"/api/v0.2/aliases/{alias}/",                             "change_alias",    update_alias},
    {del,  "/api/v0.2/aliases/{alias}/",                             "delete_alias",    delete_alias},
    {get,  "/api/v0.2/leases/",                                      Access::anyone,    list_leases},  // ours
    {post, "/api/v0.2/leases/",                                      Access::user,      acquire_lease},  // ours
    {get,  "/api/v0.2/leases/{job}/",                                Access::anyone,    show_lease},  // ours
    {post, "/api/v0.2/leases/{job}/break/",                          Access::user,      lease_break},  // ours
    {get,  "/api/v0.2/leases/{job}/commands/{number}/",              Access::user,      lease_command},  // ours
    {del,  "/api/v0.2/leases/{job}/export/",                         Access::user,      end_exports},  // ours
    {post, "/api/v0.2/leases/{job}/export/",                         Access::user,      export_lease},  // ours
    {post, "/api/v0.2/leases/{job}/extend/",                         Access::user,      extend_lease},  // ours
    {post, "/api/v0.2/leases/{job}/line/",                           Access::user,      lease_line},  // ours
    {post, "/api/v0.2/leases/{job}/power/",                          Access::user,      lease_power},  // ours
    {post, "/api/v0.2/leases/{job}/release/",                        Access::user,      release_lease},  // ours
    {post, "/api/v0.2/leases/{job}/reset/",                          Access::user,      lease_reset},  // ours
    {post, "/api/v0.2/leases/{job}/speed/",                          Access::user,      lease_speed},  // ours
    {post, "/api/v0.2/leases/{job}/storage/",                        Access::user,      lease_storage},  // ours
    {post, "/api/v0.2/leases/{job}/upload/",                         Access::user,      lease_upload},  // ours
    {get,  "/api/v0.2/reservations/",                                Access::anyone,    list_reservations},  // ours
    {get,  "/api/v0.2/tags/",                                        Access::user,      list_tags},
    {post, "/api/v0.2/tags/",                                        "add_tag",         create_tag},
    {get,  "/api/v0.2/tags/{tag}/",                                  Access::user,      show_tag},
    {put,  "/api/v0.2/tags/{tag}/",                                  "change_tag",      update_tag},
    {patch,"/api/v0.2/tags/{tag}/",                                  "change_tag",      update_tag},
    {del,  "/api/v0.2/tags/{tag}/",                                  "delete_tag",      delete_tag},
    {get,  "/api/v0.2/workers/",                                     Access::anyone,    list_workers},
    {post, "/api/v0.2/workers/",                                     "add_worker",      create_worker},
    {get,  "/api/v0.2/workers/{worker}/",                            Access::anyone,    show_worker},
    {put,  "/api/v0.2/workers/{worker}/",                            "change_worker",   update_worker},
    {patch,"/api/v0.2/workers/{worker}/",                            "change_worker",   update_worker},
    {del,  "/api/v0.2/workers/{worker}/",                            "delete_worker",   delete_worker},
    {get,  "/api/v0.2/workers/{worker}/config/",                     Access::anyone,    show_worker_config},
    {post, "/api/v0.2/workers/{worker}/config/",                     "change_worker",   refuse_worker_file},
    {get,  "/api/v0.2/workers/{worker}/env/",                        Access::anyone,    show_worker_env},
    {post, "/api/v0.2/workers/{worker}/env/",                        "change_worker",   refuse_worker_file},
    {post, "/api/v0.2/workers/{worker}/set_health/",                 "change_worker",   set_worker_health},
    {get,  "/api/v0.2/audit/",                                       Access::superuser, list_audit},  // ours
    {get,  "/api/v0.2/groups/",                                      Access::superuser, list_groups},
    {post, "/api/v0.2/groups/",                                      Access::superuser, add_group},
    {get,  "/api/v0.2/groups/{group}/",                              Access::superuser, show_group},
    {put,  "/api/v0.2/groups/{group}/",                              Access::superuser, change_group},
    {patch,"/api/v0.2/groups/{group}/",                              Access::superuser, change_group},
    {del,  "/api/v0.2/groups/{group}/",                              Access::superuser, delete_group},
    {get,  "/api/v0.2/permissions/devices/",                         Access::superuser, list_device_permissions},
    {post, "/api/v0.2/permissions/devices/",                         Access::superuser, add_device_permission},
    {get,  "/api/v0.2/permissions/devices/{permission}/",            Access::superuser, show_device_permission},
    {put,  "/api/v0.2/permissions/devices/{permission}/",            Access::superuser, change_device_permission},
    {patch,"/api/v0.2/permissions/devices/{permission}/",            Access::superuser, change_device_permission},
    {del,  "/api/v0.2/permissions/devices/{permission}/",            Access::superuser, delete_device_permission},
    {get,  "/api/v0.2/permissions/devicetypes/",                     Access::superuser, list_type_permissions},
    {post, "/api/v0.2/permissions/devicetypes/",                     Access::superuser, add_type_permission},
    {get,  "/api/v0.2/permissions/devicetypes/{permission}/",        Access::superuser, show_type_permission},
    {put,  "/api/v0.2/permissions/devicetypes/{permission}/",        Access::superuser, change_type_permission},
    {patch,"/api/v0.2/permissions/devicetypes/{permission}/",        Access::superuser, change_type_permission},
    {del,  "/api/v0.2/permissions/devicetypes/{permission}/",        Access::superuser, delete_type_permission},
    {get,  "/api/v0.2/remote-artifact-tokens/",                      Access::user,      list_remote_tokens},
    {post, "/api/v0.2/remote-artifact-tokens/",                      Access::user,      add_remote_token},
    {get,  "/api/v0.2/remote-artifact-tokens/{name}/",               Access::user,      show_remote_token},
    {put,  "/api/v0.2/remote-artifact-tokens/{name}/",               Access::user,      change_remote_token},
    {patch,"/api/v0.2/remote-artifact-tokens/{name}/",               Access::user,      change_remote_token},
    {del,  "/api/v0.2/remote-artifact-tokens/{name}/",               Access::user,      delete_remote_token},
    {post, "/api/v0.2/token/",                                       Access::anyone,    log_in},
    {get,  "/api/v0.2/users/",                                       Access::superuser, list_users},
    {post, "/api/v0.2/users/",                                       Access::superuser, add_user},
    {get,  "/api/v0.2/users/{user}/",                                Access::superuser, show_user},
    {put,  "/api/v0.2/users/{user}/",                                Access::superuser, change_user},
    {patch,"/api/v0.2/users/{user}/",                                Access::superuser, change_user},
    {del,  "/api/v0.2/users/{user}/",                                Access::superuser, delete_user},
    {get,  "/api/v0.2/system/",                                      Access::anyone,    system_index},
    {get,  "/api/v0.2/system/master_config/",                        Access::anyone,    master_config},
    {get,  "/api/v0.2/system/version/",                              Access::anyone,    system_version},
    {get,  "/api/v0.2/system/whoami/",                               Access::anyone,    whoami},
    {get,  "/api/v0.3/",                                             Access::anyone,    empty_index},
    {get,  "/results/{job}/csv/",                                    Access::anyone,    results_csv_page},
    {get,  "/results/{job}/metadata/",                               Access::anyone,    results_metadata_page},
    {get,  "/results/{job}/yaml/",                                   Access::anyone,    results_yaml_page},
    {get,  "/results/{job}/yaml_summary/",                           Access::anyone,    results_summary_page},
    {get,  "/results/{job}/{name}/+testcase-count/",                 Access::anyone,    suite_count_page},
    {get,  "/results/{job}/{name}/csv/",                             Access::anyone,    suite_csv_page},
    {get,  "/results/{job}/{name}/yaml/",                            Access::anyone,    suite_yaml_page},
    {get,  "/scheduler/job/{job}/",                                  Access::anyone,    job_page},
    {get,  "/scheduler/job/{job}/definition/plain/",                 Access::anyone,    plain_definition},
    {get,  "/scheduler/job/{job}/log_file/plain/",                   Access::anyone,    plain_log},
    {get,  "/v1/healthz/",                                           Access::anyone,    healthz},
    {get,  "/v1/prometheus/",                                        Access::anyone,    prometheus},
};
// clang-format on

}  // namespace

std::span<const Route> routes() { return table; }

}  // namespace patchbay
