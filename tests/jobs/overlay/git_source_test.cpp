// SPDX-License-Identifier: Apache-2.0
#include "jobs/overlay/git_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/errors.hpp"

namespace patchbay {
namespace {

GitSource source(const std::string& url) { return git_source(url, {{"T", "t0ken"}, {"URL", "ext::sh"}}, {"/srv/git"}); }

TEST(GitSourceOfAUrl, KeepsThePasswordForItsServer) {
    const auto web = source("https://me:a%40b%2Fc%zz@example.org:8443/x.git");
    EXPECT_EQ(web.url, "https://example.org:8443/x.git");
    EXPECT_EQ(web.server, "https://example.org:8443");
    EXPECT_EQ(web.user, "me");
    EXPECT_EQ(web.password, "a@b/c%zz");
    EXPECT_FALSE(web.local);
    EXPECT_EQ(source("http://:$T@example.org").password, "t0ken");
    EXPECT_EQ(source("ssh://git:x@example.org/x.git").url, "ssh://git@example.org/x.git");
}

TEST(GitSourceOfAUrl, KeepsAUserForItsServer) {
    const auto plain = source("https://me@example.org/x.git");
    EXPECT_EQ(plain.url, "https://example.org/x.git");
    EXPECT_EQ(plain.server, "https://example.org");
    EXPECT_EQ(plain.user, "me");
    EXPECT_EQ(plain.password, std::nullopt) << "the lab may have one";
    const auto token = source("https://$T@example.org/x.git");
    EXPECT_EQ(token.url, "https://example.org/x.git");
    EXPECT_EQ(token.user, "t0ken");
    EXPECT_EQ(token.password, "") << "which no helper of the lab may keep";
}

TEST(GitSourceOfAUrl, WithoutAUserStaysAsItIs) {
    for (const std::string url : {"https://example.org/a@b:c/x.git", "git://h/x", "git@example.org:group/x.git",
                                  "ssh://git@example.org/x.git", "https://[::1]/x"}) {
        EXPECT_EQ(source(url).url, url);
        EXPECT_EQ(source(url).server, "") << url;
        EXPECT_EQ(source(url).secret_base, "") << url;
    }
}

TEST(GitSourceOfAUrl, NamesItsSecrets) {
    struct Case {
        const char* url;
        const char* named;
        const char* secret_base;
        const char* named_base;
    };
    for (const auto& [url, named, secret_base, named_base] : {
             Case{"https://me:$T@h/$T/x.git", "https://h/$T/x.git", "https://h/t0ken", "https://h/$T"},
             Case{"https://$T@h/${T}/a/$T", "https://h/${T}/a/$T", "https://h/t0ken/a/t0ken", "https://h/${T}/a/$T"},
             Case{"https://$T/x.git", "https://$T/x.git", "https://t0ken", "https://$T"},
             Case{"git@h:$T/x", "git@h:$T/x", "git@h:t0ken", "git@h:$T"},
             Case{"ssh://g:$T@h/$T", "ssh://g@h/$T", "ssh://g@h/t0ken", "ssh://g@h/$T"},
             Case{"$WEB", "https://$WEB", "https://h/x", "https://$WEB"},
             Case{"$SHORT", "ssh://$SHORT", "git@h:x", "ssh://$SHORT"},
             Case{"/srv/git/$T", "file:///srv/git/$T", "file:///srv/git/t0ken", "file:///srv/git/$T"},
         }) {
        const auto found =
            git_source(url, {{"T", "t0ken"}, {"WEB", "https://u:p@h/x"}, {"SHORT", "git@h:x"}}, {"/srv/git"});
        EXPECT_EQ(found.url, named);
        EXPECT_EQ(found.secret_base, secret_base) << url;
        EXPECT_EQ(found.named_base, named_base) << url;
    }
}

TEST(GitSourceOfAUrl, IsShownWithoutSecrets) {
    EXPECT_EQ(source("https://me:$T@example.org/$T/x.git").shown, "https://example.org/$T/x.git");
    EXPECT_EQ(source("https://${T}@example.org/$NONE").shown, "https://example.org/$NONE");
    EXPECT_EQ(source("git@example.org:x.git").shown, "git@example.org:x.git");
}

TEST(GitSourceOfAUrl, NamesTheHostThatGitConnectsTo) {
    EXPECT_EQ(source("https://me:x@example.org:8443/x.git").host, "example.org");
    EXPECT_EQ(source("https://example.org").host, "example.org");
    EXPECT_EQ(source("ssh://git@[::1]:22/x").host, "::1");
    EXPECT_EQ(source("git://127.0.0.1/a@b/x").host, "127.0.0.1");
    EXPECT_EQ(source("git@example.org:me@127.0.0.1/x").host, "example.org");
    EXPECT_EQ(source("/srv/git/x").host, "");
}

TEST(GitSourceOfAUrl, IsRefusedWhenItsHostCouldBeReadInTwoWays) {
    for (const auto* url :
         {"http:///127.0.0.1/x", "http://a?@127.0.0.1/x", "http://127.0.0.1#@a/x", "https://%31%32%37.0.0.1/x",
          "https://\u2460.example/x", "ssh://a#@127.0.0.1/x", "ssh:///x", "[::1]:x", "[127.0.0.1:22]:x", "@:x"}) {
        EXPECT_THROW(source(url), JobError) << url;
    }
}

TEST(GitSourceOfAUrl, MayBeAnAllowedFolder) {
    for (const auto* url : {"/srv/git/x", "file:///srv/git/x", "file://host/srv/git/./a/../x"}) {
        EXPECT_EQ(source(url).url, "file:///srv/git/x") << url;
        EXPECT_TRUE(source(url).local);
    }
    EXPECT_EQ(source("/srv/git/%2e%2e/x").url, "file:///srv/git/%252e%252e/x") << "git undoes percent signs";
    EXPECT_EQ(source("/srv/git/a:b").url, "file:///srv/git/a:b");
}

TEST(GitSourceOfAUrl, IsRefusedWhenItMeansSomethingElse) {
    for (const auto* url : {"",
                            "-u/bin/sh",
                            "--upload-pack=x",
                            "ext::sh -c x",
                            "$URL",
                            "file::/x",
                            "fd::17",
                            "https::/x",
                            "ftp://x/y",
                            "HTTPS://x/y",
                            "git+ssh://x/y",
                            "/etc",
                            "file:///etc",
                            "file:///srv/git/../x",
                            "file://srv",
                            "srv/git/x",
                            "../x",
                            "~/x",
                            "./a:b",
                            "http://a\nb/x",
                            "https://me:x%0ahost=y@h/x"}) {
        EXPECT_THROW(source(url), JobError) << url;
    }
    try {
        source("ftp://me:$T@x/y");
        ADD_FAILURE();
    } catch (const JobError& error) {
        EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("t0ken")));
    }
}

}  // namespace
}  // namespace patchbay
