// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/request.hpp"

#include <algorithm>

#include "core/errors.hpp"
#include "core/net/resolve.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

std::string after_scheme(const std::string& url) {
    const auto colon = url.find("://");
    return colon == std::string::npos ? std::string{} : url.substr(colon + 3);
}

/// Without query and fragment, which belong to the server.
std::string path_part(const std::string& url) {
    auto rest = after_scheme(url);
    if (scheme_of(url) == Scheme::http) rest.resize(std::min(rest.find_first_of("?#"), rest.size()));
    const auto slash = rest.find('/');
    // A downloads:// url has no host; its first component is part of the path.
    if (scheme_of(url) == Scheme::downloads) return rest;
    return slash == std::string::npos ? std::string{} : rest.substr(slash);
}

bool is_below(const fs::path& path, const fs::path& folder) {
    return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first == folder.end();
}

}  // namespace

bool is_file_name(std::string_view name) {
    constexpr std::size_t longest = 255;  // NAME_MAX
    return !name.empty() && name != "." && name != ".." && name.size() <= longest &&
           name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

Scheme scheme_of(const std::string& url) {
    const auto scheme = url.substr(0, std::min(url.find("://"), url.size()));
    if (scheme == "http" || scheme == "https") return Scheme::http;
    if (scheme == "file") return Scheme::file;
    if (scheme == "scp") return Scheme::scp;
    if (scheme == "downloads") return Scheme::downloads;
    throw JobError{"Unsupported url protocol scheme: " + (url.find("://") == std::string::npos ? "" : scheme)};
}

std::string download_action_name(const std::string& url) {
    switch (scheme_of(url)) {
        case Scheme::http:
            return "http-download";
        case Scheme::file:
            return "file-download";
        case Scheme::scp:
            return "scp-download";
        case Scheme::downloads:
            break;
    }
    return "pre-downloaded";
}

std::string download_file_name(const DownloadRequest& request) {
    // The key names a folder, which is made and, with `archive`, emptied.
    if (!is_file_name(request.key)) {
        throw JobError{"'" + request.key + "' cannot be the name of an image: it names a folder of this host; use " +
                       "letters, digits, '-' and '_'"};
    }
    const auto path = path_part(request.url);
    auto name = path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0
    if (!is_file_name(name)) {
        throw JobError{"the url '" + request.url + "' does not end in the name of a file"};
    }
    const bool unpacked = !request.compression.empty() && request.compression != "zip" && request.key != "ramdisk";
    const auto dot = name.find_last_of('.');
    if (unpacked && dot != std::string::npos && dot > 0) name.resize(dot);
    return name;
}

std::string substitute(const std::string& url, const config::List& static_info) {
    std::string result = url;
    for (const auto& entry : static_info) {
        const auto* map = entry.as_map();
        if (!map) continue;
        for (const auto& [key, value] : *map) {
            const auto hole = "{" + config::python_str(key) + "}";
            const auto text = config::python_str(value);
            for (auto at = result.find(hole); at != std::string::npos; at = result.find(hole, at + text.size())) {
                result.replace(at, hole.size(), text);
            }
        }
    }
    return result;
}

fs::path local_file(const std::string& url, const std::vector<fs::path>& allowed) {
    const auto asked = path_part(url);
    std::error_code error;
    const auto file = fs::weakly_canonical(asked, error);
    for (const auto& folder : allowed) {
        std::error_code ignored;
        if (!error && is_below(file, fs::weakly_canonical(folder, ignored))) return file;
    }
    throw JobError{"'" + url + "' is not below a folder that jobs may read here; " +
                   "'allowed_file_paths' in lab.yaml lists them"};
}

fs::path downloaded_file(const std::string& url, const fs::path& folder) {
    const auto name = path_part(url);
    std::error_code error;
    const auto file = fs::weakly_canonical(folder / fs::path{name}.relative_path(), error);
    if (!error && is_below(file, fs::weakly_canonical(folder, error)) && fs::is_regular_file(file, error)) return file;
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{folder, error}) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    std::string list;
    for (const auto& entry : names) list += (list.empty() ? "" : ", ") + entry;
    throw JobError{"Resource unavailable: " + name + " (available: " + list + ")"};
}

std::string forbidden_address(const std::string& url, const std::string& refusal) {
    return "'" + url + "' may not be reached: " + refusal +
           "; the lab's setting 'allowed_url_networks' lists what jobs may reach";
}

Task<> check_host(AddressPolicy addresses, std::string url, std::string host) {
    const auto refusal = co_await refusal_of_host(std::move(addresses), std::move(host));
    if (refusal) throw JobError{forbidden_address(url, *refusal)};
}

ScpAddress scp_address(const std::string& url) {
    const auto rest = after_scheme(url);
    const auto slash = rest.find('/');
    if (slash == std::string::npos || slash == 0 || rest.front() == '-') {
        throw JobError{"'" + url + "' is no scp://user@host/path"};
    }
    // The other host's shell gets the path between quotes.
    if (rest.find('\'') != std::string::npos) throw JobError{"a quote in '" + url + "' is not allowed"};
    ScpAddress address{rest.substr(0, slash), rest.substr(slash), {}};
    address.name = address.host.substr(address.host.rfind('@') + 1);
    return address;
}

void check_compression(const DownloadRequest& request) {
    constexpr std::string_view known[] = {"", "gz", "xz", "bz2", "zstd", "zip"};
    if (std::find(std::begin(known), std::end(known), request.compression) != std::end(known)) return;
    throw JobError{"download '" + request.key + "': unknown compression '" + request.compression +
                   "': gz, xz, bz2, zstd and zip are known"};
}

DownloadRequest read_download(const std::string& key, const config::Value& value) {
    const auto fail = [&](const std::string& why) { throw JobError{"download '" + key + "': " + why}; };
    if (const auto* url = value.as_string()) return {key, *url};
    if (!value.is_map()) fail("it must be a map with a url");
    const auto text = [&](std::string_view name) -> std::string {
        const auto* item = value.find(name);
        if (!item || item->is_null()) return {};
        if (item->is_map() || item->is_list()) fail("'" + std::string{name} + "' must be a text");
        return config::python_str(*item);
    };
    DownloadRequest request{key, text("url")};
    if (request.url.empty()) fail("it has no url");
    request.compression = text("compression");
    request.archive = text("archive");
    if (!request.archive.empty() && request.archive != "tar")
        fail("unknown archive '" + request.archive + "': use tar");
    request.expected.md5 = text("md5sum");
    request.expected.sha256 = text("sha256sum");
    request.expected.sha512 = text("sha512sum");
    if (const auto* headers = value.find("headers"); headers && headers->as_map()) {
        for (const auto& [name, item] : *headers->as_map()) {
            request.headers.emplace_back(config::python_str(name), config::python_str(item));
        }
    }
    if (const auto* cache = value.find("use_cache"); cache && cache->as_bool()) request.use_cache = *cache->as_bool();
    return request;
}

}  // namespace patchbay
