// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// What a job may give to QEMU. QEMU runs as the lab, so an argument could read any host file, open host devices,
/// listen on the network or reach QEMU's own monitor, which runs host commands. Therefore: known options only, and
/// every file inside the job's folder (or still a placeholder such as "{kernel}"). A lab that trusts its submitters
/// sets `trusted_jobs: true`. docs/drivers/qemu.md lists the rules. Returns the words as they are used: a console that
/// shares its line with the monitor ("mon:stdio") becomes a plain one. Throws: JobError naming every refused argument
/// and why.
std::vector<std::string> check_qemu_arguments(std::vector<std::string> words, const std::filesystem::path& job_folder);

/// The same for options as a context has them: each piece holds one or more words, quotes group.
std::vector<std::string> check_job_pieces(const std::vector<std::string>& pieces,
                                          const std::filesystem::path& job_folder);

/// The same for one `key=value,key=value` text that a job's context puts behind `-<option>`.
void check_qemu_value(std::string_view option, const std::string& value, const std::filesystem::path& job_folder);

}  // namespace patchbay
