// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/git_source.hpp"

#include <algorithm>
#include <cctype>

#include "core/errors.hpp"
#include "jobs/download/request.hpp"

namespace patchbay {
namespace {

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// $NAME and ${NAME}; unknown names stay as they are, as os.path.expandvars leaves them.
std::string expand(const std::string& text, const std::map<std::string, std::string>& secrets) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i + 1;
        std::string name;
        if (text[i] == '$' && end < text.size() && text[end] == '{') {
            const auto close = text.find('}', end);
            if (close != std::string::npos) {
                name = text.substr(end + 1, close - end - 1);
                end = close + 1;
            }
        } else if (text[i] == '$') {
            while (end < text.size() && is_word_character(text[end])) ++end;
            name = text.substr(i + 1, end - i - 1);
        }
        const auto value = name.empty() ? secrets.end() : secrets.find(name);
        if (value == secrets.end()) {
            result += text[i++];
        } else {
            result += value->second;
            i = end;
        }
    }
    return result;
}

/// "me:token@" of "https://me:token@example.org/x.git": where it is.
struct UserInfo {
    std::size_t begin = 0;
    std::size_t size = 0;  ///< with the '@'; 0: there is none
};

UserInfo user_info(const std::string& url) {
    const auto begin = url.find("://") + 3;
    const auto server = url.substr(begin, url.find_first_of("/?#", begin) - begin);
    const auto at = server.rfind('@');
    return {begin, at == std::string::npos ? 0 : at + 1};
}

bool is_web(const std::string& url) { return url.starts_with("http://") || url.starts_with("https://"); }

std::string percent_decoded(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digits = text.substr(i + 1, 2);
        const bool hexadecimal = digits.size() == 2 && std::isxdigit(static_cast<unsigned char>(digits[0])) != 0 &&
                                 std::isxdigit(static_cast<unsigned char>(digits[1])) != 0;
        if (text[i] == '%' && hexadecimal) {
            result += static_cast<char>(std::stoi(digits, nullptr, 16));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

bool is_plain(const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](unsigned char c) { return std::iscntrl(c) != 0; });
}

/// Takes user and password out of the url. A user alone stays, as the lab may have a password for it.
void take_credentials(GitSource& source) {
    const auto [begin, size] = user_info(source.url);
    if (size == 0) return;
    const auto info = source.url.substr(begin, size - 1);
    const auto colon = info.find(':');
    if (colon == std::string::npos) return;
    if (!is_web(source.url)) {  // ssh asks nobody but its agent
        source.url.erase(begin + colon, info.size() - colon);
        return;
    }
    source.user = percent_decoded(info.substr(0, colon));
    source.password = percent_decoded(info.substr(colon + 1));
    source.url.erase(begin, size);
    source.server = source.url.substr(0, source.url.find_first_of("/?#", begin));
    // It becomes a part of a setting's name on git's command line, where '=' would end that name.
    const auto of_a_server = [](char c) { return is_word_character(c) || c == '.' || c == '-' || c == ':'; };
    const std::string name = source.server.substr(begin);
    if (!std::all_of(name.begin(), name.end(), of_a_server) || !is_plain(source.user) || !is_plain(source.password)) {
        throw JobError{"'" + source.shown + "' cannot be cloned: user, password or server cannot be given to git"};
    }
}

/// git's file protocol with the path that was checked. git undoes percent signs, our check does not.
std::string file_url(const std::filesystem::path& folder) {
    std::string url = "file://";
    for (const char c : folder.string()) url += c == '%' ? std::string{"%25"} : std::string{c};
    return url;
}

/// git runs the program git-remote-NAME for "NAME::anything".
bool names_a_program(const std::string& url) {
    const auto end = std::find_if(url.begin(), url.end(),
                                  [](char c) { return !is_word_character(c) && c != '+' && c != '-' && c != '.'; });
    return std::string_view{url}.substr(static_cast<std::size_t>(end - url.begin())).starts_with("::");
}

}  // namespace

std::string without_credentials(const std::string& url) {
    auto result = url;
    if (is_web(url)) {
        const auto [begin, size] = user_info(url);
        result.erase(begin, size);
    }
    return result;
}

GitSource git_source(const std::string& url, const std::map<std::string, std::string>& secrets,
                     const std::vector<std::filesystem::path>& allowed_file_paths) {
    GitSource source;
    source.url = expand(url, secrets);
    source.shown = without_credentials(url);
    const auto refuse = [&source](const std::string& why) {
        throw JobError{"'" + source.shown + "' cannot be cloned: " + why};
    };
    if (source.url.starts_with('-')) refuse("it begins like an option");
    if (!is_plain(source.url)) refuse("it holds a line break or another control character");
    if (names_a_program(source.url)) refuse("use a url of http, https, git or ssh");
    const auto scheme_end = source.url.find("://");
    const auto colon = source.url.find(':');
    if (scheme_end != std::string::npos && scheme_end == colon) {
        const auto scheme = source.url.substr(0, scheme_end);
        source.local = scheme == "file";
        if (source.local) source.url = file_url(local_file(source.url, allowed_file_paths));
        if (!source.local && scheme != "http" && scheme != "https" && scheme != "git" && scheme != "ssh") {
            refuse("use a url of http, https, git or ssh");
        }
        if (!source.local) take_credentials(source);
        return source;
    }
    // "host:path" is ssh's short form; a slash before the colon makes it a path.
    if (colon != std::string::npos && colon < source.url.find('/')) return source;
    const bool absolute = source.url.starts_with('/');  // a relative one has no meaning to the submitter
    const auto folder =
        local_file("file://" + source.url, absolute ? allowed_file_paths : std::vector<std::filesystem::path>{});
    source.local = true;
    source.url = file_url(folder);
    return source;
}

}  // namespace patchbay
