// SPDX-License-Identifier: Apache-2.0
#include "jobs/download/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/yaml.hpp"
#include "core/errors.hpp"

namespace patchbay {
namespace {

DownloadRequest read(const std::string& yaml) { return read_download("rootfs", config::parse_yaml(yaml)); }

std::string name_of(const std::string& key, const std::string& url, const std::string& compression = "") {
    DownloadRequest request{key, url};
    request.compression = compression;
    return download_file_name(request);
}

TEST(DownloadRequestOfAJob, HasEveryKey) {
    const auto request = read(
        "{url: 'http://x/a.img.xz', compression: xz, archive: tar, md5sum: m, sha256sum: s, sha512sum: t, "
        "headers: {A: b, N: 1}, use_cache: false}");
    EXPECT_EQ(request.url, "http://x/a.img.xz");
    EXPECT_EQ(request.compression, "xz");
    EXPECT_EQ(request.archive, "tar");
    EXPECT_EQ(request.expected, (Digests{"m", "s", "t"}));
    EXPECT_THAT(request.headers, ::testing::ElementsAre(std::pair{"A", "b"}, std::pair{"N", "1"}));
    EXPECT_FALSE(request.use_cache);
    EXPECT_EQ(read("'http://x/a'").url, "http://x/a");
}

TEST(DownloadRequestOfAJob, NamesWhatIsWrong) {
    for (const auto& [yaml, part] : {std::pair{"{}", "it has no url"},
                                     {"[a]", "it must be a map"},
                                     {"{url: [a]}", "'url' must be a text"},
                                     {"{url: 'http://x/a', archive: zip}", "unknown archive 'zip'"}}) {
        try {
            read(yaml);
            ADD_FAILURE() << yaml;
        } catch (const JobError& error) {
            EXPECT_THAT(error.what(), ::testing::StartsWith("download 'rootfs': ")) << yaml;
            EXPECT_THAT(error.what(), ::testing::HasSubstr(part));
        }
    }
}

TEST(DownloadActionName, FollowsTheScheme) {
    EXPECT_EQ(download_action_name("http://x/a"), "http-download");
    EXPECT_EQ(download_action_name("https://x/a"), "http-download");
    EXPECT_EQ(download_action_name("file:///x/a"), "file-download");
    EXPECT_EQ(download_action_name("scp://h/a"), "scp-download");
    EXPECT_EQ(download_action_name("downloads://a"), "pre-downloaded");
    for (const auto& [url, text] : {std::pair{"ftp://x/a", "Unsupported url protocol scheme: ftp"},
                                    {"/etc/passwd", "Unsupported url protocol scheme: "}}) {
        try {
            download_action_name(url);
            ADD_FAILURE() << url;
        } catch (const JobError& error) {
            EXPECT_STREQ(error.what(), text);
        }
    }
}

TEST(DownloadFileName, IsTheLastPartOfThePath) {
    EXPECT_EQ(name_of("k", "http://x/a/Image?sig=/b/c#d"), "Image");
    EXPECT_EQ(name_of("k", "file:///a/b?c"), "b?c") << "files may have any name";
    EXPECT_EQ(name_of("k", "downloads://sub/file"), "file");
    EXPECT_EQ(name_of("k", "downloads://file"), "file");
    EXPECT_EQ(name_of("k", "http://x/..%2f..%2fetc%2fpasswd"), "..%2f..%2fetc%2fpasswd");
}

TEST(DownloadFileName, LosesTheSuffixOfItsCompression) {
    EXPECT_EQ(name_of("rootfs", "http://x/a.img.xz", "xz"), "a.img");
    EXPECT_EQ(name_of("rootfs", "http://x/plain", "xz"), "plain");
    EXPECT_EQ(name_of("rootfs", "http://x/.xz", "xz"), ".xz");
    EXPECT_EQ(name_of("rootfs", "http://x/a.zip", "zip"), "a.zip") << "zip stays as it is";
    EXPECT_EQ(name_of("ramdisk", "http://x/a.cpio.gz", "gz"), "a.cpio.gz") << "a ramdisk stays compressed";
}

TEST(DownloadFileName, LeadsNowhereElse) {
    for (const auto* url :
         {"http://x", "http://x/", "http://x/a/..", "http://x/a/.", "http://x/?a/b", "file:///", "downloads://"}) {
        EXPECT_THROW(name_of("k", url), JobError) << url;
    }
    EXPECT_THROW(name_of("k", "http://x/" + std::string(256, 'a')), JobError);
    for (const auto* key : {"", ".", "..", "../x", "/etc", "a/b"}) {
        EXPECT_THROW(name_of(key, "http://x/a"), JobError) << "the key names a folder: '" << key << "'";
    }
}

TEST(ScpAddressOfAUrl, IsHostAndPath) {
    const auto address = scp_address("scp://me@host/srv/Image");
    EXPECT_EQ(address.host, "me@host");
    EXPECT_EQ(address.path, "/srv/Image");
    for (const auto* url : {"scp://host", "scp:///path", "scp://-oProxyCommand=x/a"}) {
        EXPECT_THROW(scp_address(url), JobError) << url;
    }
}

}  // namespace
}  // namespace patchbay
