// SPDX-License-Identifier: Apache-2.0
#include "daemon/store/health_log.hpp"

#include <spdlog/spdlog.h>

#include "daemon/store/health_reason.hpp"
#include "daemon/store/rows.hpp"

namespace patchbay {

HealthLog::HealthLog(Database& db) : db_{db} {
    auto row = db_.run("SELECT COALESCE(MAX(id), 0) FROM device_health_change");
    if (row->step()) last_ = row->integer(0);
}

void HealthLog::tell() {
    constexpr auto sql = R"sql(
        SELECT id, device, was, became, reason, detail FROM device_health_change WHERE id > $1 ORDER BY id
    )sql";
    try {
        auto rows = db_.run(sql, last_);
        while (rows->step()) {
            last_ = rows->integer(0);
            if (rows->integer(2) == rows->integer(3)) continue;
            HealthReason reason{std::string{rows->text(4)}};
            reason.detail = rows->text(5);
            spdlog::info("device health changed device={} from={} to={} reason=\"{}\"", rows->text(1),
                         to_string(static_cast<DeviceHealth>(rows->integer(2))),
                         to_string(static_cast<DeviceHealth>(rows->integer(3))), reason.whole());
        }
    } catch (const StoreError& error) {
        spdlog::error("health not logged, the next change tells it error=\"{}\"", error.what());
    }
}

}  // namespace patchbay
