// SPDX-License-Identifier: Apache-2.0
#include "daemon/api/authenticate.hpp"

#include <string_view>
#include <vector>

#include "core/config/base64.hpp"
#include "core/text.hpp"
#include "daemon/api/api_error.hpp"
#include "daemon/store/users.hpp"

namespace patchbay {
namespace {

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> out;
    for (;;) {
        const auto start = text.find_first_not_of(" \t");
        if (start == std::string_view::npos) return out;
        const auto end = std::min(text.find_first_of(" \t", start), text.size());
        out.push_back(text.substr(start, end - start));
        text.remove_prefix(end);
    }
}

}  // namespace

std::optional<UserRow> authenticate(const Request& request, Database& db) {
    const auto* header = request.header("authorization");
    if (!header) return std::nullopt;
    const auto parts = words(*header);
    if (parts.empty() || lower_case(parts[0]) != "token") return std::nullopt;
    if (parts.size() == 1) throw api_error(403, "detail", "Invalid token header. No credentials provided.");
    if (parts.size() > 2) {
        throw api_error(403, "detail", "Invalid token header. Token string should not contain spaces.");
    }
    auto user = Users{db}.find_by_token(parts[1]);
    if (!user) throw LoginRefused{api_error(403, "detail", "Invalid token.")};
    if (!user->active) throw api_error(403, "detail", "User inactive or deleted.");
    return user;
}

std::optional<UserRow> authenticate_basic(const Request& request, Database& db) {
    const auto* header = request.header("authorization");
    if (!header) return std::nullopt;
    const auto refuse = [](std::string_view text) { return api_error(400, "detail", text); };
    const auto blank = header->find(' ');
    if (blank == std::string::npos) throw refuse("Invalid HTTP_AUTHORIZATION header");
    if (header->compare(0, blank, "Basic") != 0)
        throw refuse("Unsupported HTTP_AUTHORIZATION header, only Basic scheme is supported");
    const auto pair = config::decode_base64(std::string_view{*header}.substr(blank + 1));
    if (!pair) throw refuse("Corrupted HTTP_AUTHORIZATION header, bad base64 encoding");
    const auto colon = pair->find(':');
    if (colon == std::string::npos) throw refuse("Corrupted HTTP_AUTHORIZATION header, no user:pass");
    auto user = Users{db}.find_by_token(std::string_view{*pair}.substr(colon + 1));
    if (!user || !user->active || pair->compare(0, colon, user->name) != 0)
        throw LoginRefused{api_error(401, "detail", "Invalid token")};
    return user;
}

}  // namespace patchbay
