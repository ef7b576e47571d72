// SPDX-License-Identifier: Apache-2.0
#pragma once
// The full schema of a job (lava_common/schemas): one rule for the outline, one for each kind of action.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/definition/schema.hpp"

namespace patchbay {

/// A whole job, without the bodies of its actions.
schema::Rule full_job_schema();

/// The body of a deploy with this `to`, of a boot with this `method` ('-' and '_' are the same), of a test of this kind
/// ("audio", "definition", "docker", "interactive", "monitor", "service"). nullptr: there is no such thing.
const schema::Rule* full_deploy_schema(std::string_view to);
const schema::Rule* full_boot_schema(std::string_view method);
const schema::Rule* full_test_schema(std::string_view kind);
const schema::Rule& full_command_schema();

/// A test definition file, or what an inline definition holds.
schema::Rule test_definition_schema();

// What several of them share.

using SchemaKeys = std::vector<schema::Key>;
/// The keys of both.
SchemaKeys joined(SchemaKeys keys, const SchemaKeys& more);

/// {minutes: 5}: one unit, at least 1.
schema::Rule full_duration_schema();
/// The keys of every action, and these.
schema::Rule action_schema(SchemaKeys keys);
/// The name of an image, as `docker pull` takes it.
schema::Rule docker_image_schema();
/// {<image key>, local, container_name, network_from, login}, and these.
schema::Rule docker_schema(SchemaKeys more = {}, const char* image_key = "image");
/// "is made of letters, digits, '-', '_' and '.'"
schema::Rule name_schema();
schema::Rule text_or_texts();
schema::Rule texts();

}  // namespace patchbay
