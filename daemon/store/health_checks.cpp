// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/health_checks.hpp"

#include "daemon/store/owned_by_file.hpp"

namespace patchbay {
namespace {

constexpr auto of_device_sql = R"sql(
    SELECT device, description, priority, visibility, definition, original_definition, metadata FROM health_check
    WHERE device_type = $1 AND device IN ('', $2) ORDER BY device DESC LIMIT 1
)sql";

}  // namespace

void HealthChecks::configure(const std::vector<HealthCheck>& checks) {
    db_.change("DELETE FROM health_check WHERE configured = 1");
    for (const auto& check : checks) store(check, true);
}

void HealthChecks::set(const HealthCheck& check) {
    auto row = db_.run("SELECT configured FROM health_check WHERE device_type = $1 AND device = $2", check.device_type,
                       check.device);
    if (row->step() && row->integer(0) != 0)
        throw OwnedByFile{"the health check of device type '" + check.device_type + "'",
                          "device_types." + check.device_type + ".health_check"};
    row.reset();
    store(check, false);
}

void HealthChecks::store(const HealthCheck& check, bool configured) {
    constexpr auto sql = R"sql(
        INSERT OR REPLACE INTO health_check (device_type, device, description, priority, visibility, definition,
            original_definition, metadata, configured)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    )sql";
    const auto& job = check.job;
    db_.change(sql, check.device_type, check.device, job.description, job.priority, job.visibility, job.definition,
               job.original_definition, job.metadata, configured);
}

std::optional<HealthCheck> HealthChecks::of_type(const std::string& device_type) { return of_device(device_type, ""); }

std::optional<HealthCheck> HealthChecks::of_device(const std::string& device_type, const std::string& device) {
    auto row = db_.run(of_device_sql, device_type, device);
    if (!row->step()) return std::nullopt;
    HealthCheck check;
    check.device_type = device_type;
    check.device = row->text(0);
    check.job.description = row->text(1);
    check.job.priority = static_cast<int>(row->integer(2));
    check.job.visibility = static_cast<Visibility>(row->integer(3));
    check.job.definition = row->text(4);
    check.job.original_definition = row->text(5);
    check.job.metadata = row->text(6);
    check.job.health_check = true;
    return check;
}

bool HealthChecks::decides(const std::string& device_type, const std::string& device) {
    constexpr auto sql = R"sql(
        SELECT 1 FROM health_check JOIN device_type ON device_type.name = health_check.device_type
        WHERE health_check.device_type = $1 AND health_check.device IN ('', $2)
            AND device_type.disable_health_check = 0 LIMIT 1
    )sql";
    return db_.run(sql, device_type, device)->step();
}

}  // namespace patchbay
