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

/// Takes user and password out of both urls, `real` with the values of secrets and `named` with their names.
void take_credentials(GitSource& source, std::string& real, std::string& named) {
    const auto [begin, size] = user_info(real);
    if (size == 0) return;
    const auto info = real.substr(begin, size - 1);
    const auto colon = info.find(':');
    if (!is_web(real)) {  // ssh asks nobody but its agent
        if (colon == std::string::npos) return;
        real.erase(begin + colon, info.size() - colon);
        const auto [named_begin, named_size] = user_info(named);
        const auto named_colon = named.find(':', named_begin);
        if (named_colon < named_begin + named_size)
            named.erase(named_colon, named_begin + named_size - 1 - named_colon);
        return;
    }
    source.user = percent_decoded(info.substr(0, colon));
    if (colon != std::string::npos) source.password = percent_decoded(info.substr(colon + 1));
    // Tokens stand alone where services take them as users. Of one that is no secret the lab may know the password.
    if (colon == std::string::npos && named.find(info + "@") == std::string::npos) source.password = "";
    real.erase(begin, size);
    named = without_credentials(named);
    source.server = real.substr(0, real.find_first_of("/?#", begin));
    if (!is_plain(source.user) || !is_plain(source.password.value_or(""))) {
        throw JobError{"'" + source.shown + "' cannot be cloned: user or password holds a control character"};
    }
}

/// What both urls end with is no secret, and so are submodules' paths that lead there.
void set_bases(GitSource& source, const std::string& real) {
    if (real == source.url) return;
    const auto ends = std::mismatch(real.rbegin(), real.rend(), source.url.rbegin(), source.url.rend());
    source.secret_base.assign(real.begin(), ends.first.base());
    source.named_base.assign(source.url.begin(), ends.second.base());
}

/// What a url with the names of secrets has to begin with, so that git takes it for a url of the same kind.
std::string with_prefix(const std::string& prefix, const std::string& named) {
    return named.starts_with(prefix) ? named : prefix + named;
}

/// The host of "me@host:8443" or "[::1]:22"; "" when git could take another part of the text for it.
std::string host_of(const std::string& server) {
    if (server.find_first_of("?#\\") != std::string::npos) return {};
    auto host = server.substr(server.rfind('@') + 1);  // npos + 1 is 0
    const bool in_brackets = host.starts_with('[');
    if (in_brackets && host.find(']') == std::string::npos) return {};
    if (in_brackets) host.erase(0, 1);
    host.resize(std::min(host.find(in_brackets ? ']' : ':'), host.size()));
    const auto of_a_host = [&](char c) {
        return is_word_character(c) || c == '.' || c == '-' || (in_brackets && c == ':');
    };
    return std::all_of(host.begin(), host.end(), of_a_host) ? host : std::string{};
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
    source.shown = without_credentials(url);
    auto real = expand(url, secrets);
    const auto refuse = [&source](const std::string& why) {
        throw JobError{"'" + source.shown + "' cannot be cloned: " + why};
    };
    if (real.starts_with('-')) refuse("it begins like an option");
    if (!is_plain(real)) refuse("it holds a line break or another control character");
    if (names_a_program(real)) refuse("use a url of http, https, git or ssh");
    const auto scheme_end = real.find("://");
    const auto colon = real.find(':');
    const bool has_scheme = scheme_end != std::string::npos && scheme_end == colon;
    const auto scheme = has_scheme ? real.substr(0, scheme_end) : "";
    // "host:path" is ssh's short form; a slash before the colon makes it a path.
    const bool short_form = !has_scheme && colon != std::string::npos && colon < real.find('/');
    source.local = scheme == "file" || (!has_scheme && !short_form);
    auto named = url;
    if (source.local) {
        // A relative one has no meaning to the submitter.
        const bool absolute = has_scheme || real.starts_with('/');
        const auto folder = local_file(has_scheme ? real : "file://" + real,
                                       absolute ? allowed_file_paths : std::vector<std::filesystem::path>{});
        named = real == url ? file_url(folder) : with_prefix("file://", url);
        real = file_url(folder);
    } else if (short_form) {
        if (named.find(':') == std::string::npos) named = "ssh://" + named;
        source.host = host_of(real.substr(0, colon));
        if (source.host.empty()) refuse("it names no host; write one with brackets as ssh://[::1]/path");
    } else {
        if (scheme != "http" && scheme != "https" && scheme != "git" && scheme != "ssh") {
            refuse("use a url of http, https, git or ssh");
        }
        named = with_prefix(scheme + "://", named);
        take_credentials(source, real, named);
        const auto server = real.substr(scheme_end + 3);
        source.host = host_of(server.substr(0, server.find('/')));
        if (source.host.empty()) refuse("it names no host, or with characters that are in no name of one");
    }
    source.url = named;
    set_bases(source, real);
    return source;
}

}  // namespace patchbay
