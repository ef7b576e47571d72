// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a handler throws when it cannot do what it was asked; respond.cpp makes answers of them.

#include <stdexcept>
#include <string>
#include <string_view>

namespace patchbay {

/// Ends a request with `status` and a body that is JSON: what().
struct ApiError : std::runtime_error {
    ApiError(int code, const std::string& json, std::string_view plain)
        : std::runtime_error{json}, status{code}, text{plain} {}
    int status;
    std::string text;  ///< the same in plain words, where the answer is no JSON
};

/// The token or password that came with a request is none.
struct LoginRefused : ApiError {
    explicit LoginRefused(const ApiError& error) : ApiError{error} {}
};

/// {"<key>":"<text>"}
ApiError api_error(int status, std::string_view key, std::string_view text);
/// 400 {"<field>":["<text>"]}
ApiError field_error(std::string_view field, std::string_view text);
/// 400, the field names an object that does not exist.
ApiError unknown_key(std::string_view field, std::string_view key);
/// 400, the field takes other words.
ApiError not_a_choice(std::string_view field, std::string_view word);
/// 404 {"detail":"Not found."}
ApiError not_found();
/// 403 with LAVA's text for a user without the right.
ApiError permission_denied();
/// 403 for a request that a browser made for a page of another site.
ApiError cross_site();
/// 403 with LAVA's text for nobody.
ApiError credentials_missing();

}  // namespace patchbay
