// SPDX-License-Identifier: Apache-2.0
#pragma once
// ${…} in the texts of a PDU's model. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace patchbay {

/// What a model's texts may name.
struct PduVariables {
    int outlet = 1;     ///< ${outlet}, ${outlet-1}, ${outlet+9}
    int bank_size = 0;  ///< ${bank}, ${place}: both from 1; without banks all outlets are in bank 1
    std::string value;  ///< ${value}; also what ${mark uuuu} puts at the outlet's place of the text: "u1uu"
    std::string user, password;
};

/// How ${user} and ${password} are written: as they are, or for URLs and forms.
enum class PduSecrets { plain, percent_encoded };

/// Throws: ConfigurationError naming a ${…} that there is not.
std::string expand(std::string_view text, const PduVariables& variables, PduSecrets secrets);

/// What a device said, for a message that others read: its first 200 characters, without `secrets` (also as URLs have
/// them; empty ones are none). Devices repeat what they were told, and pages have it in their links.
std::string for_message(std::string answer, const std::vector<std::string>& secrets);

}  // namespace patchbay
