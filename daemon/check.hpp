// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is wrong with the files of a lab, all of it, before a daemon reads them: `patchbayd check`, and by that
// `patchbay check`.

#include <ostream>
#include <string>
#include <vector>

#include "daemon/lab/settings.hpp"

namespace patchbay {

/// serve: what only some devices need is logged, and the daemon goes on without it.
enum class CheckPurpose { look, serve };

/// Of the files that the settings name: certificate, health checks, rules of sharing, tokens of attached servers,
/// device files and dictionaries, and `hardware` as the drivers read it (the runner is asked, for only it knows them).
/// One line each, with the file and, where there is one, the place in it.
std::vector<std::string> problems_of_named_files(const Settings& settings, CheckPurpose purpose = CheckPurpose::look);

/// Of a file and those that it names. It is a configuration, a file of rules or a device file; its keys say which.
std::vector<std::string> problems_of_file(const std::string& file);

enum class CheckFormat { text, json };

/// Says of each file that it is good, or what is wrong with it. False: something is.
bool check_files(const std::vector<std::string>& files, CheckFormat format, std::ostream& good, std::ostream& bad);

}  // namespace patchbay
