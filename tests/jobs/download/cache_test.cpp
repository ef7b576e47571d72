// SPDX-License-Identifier: Apache-2.0
// Bytes are kept by their content; what the cache says is never older than what the source says.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/jobs/download/download_test.hpp"

namespace patchbay::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Cache : DownloadTest {
    std::size_t blobs() const {
        const std::filesystem::directory_iterator files{root / "cache/blobs"};
        return static_cast<std::size_t>(std::distance(begin(files), end(files)));
    }
    std::filesystem::path blob(const std::string& bytes) const { return root / "cache/blobs" / sha256_hex(bytes); }
    /// Old enough that the next one is newer, whatever the clock of the file system.
    void used_long_ago(const std::string& bytes, std::time_t seconds) const {
        const timespec times[2] = {{::time(nullptr) - seconds, 0}, {0, UTIME_OMIT}};
        ASSERT_EQ(::utimensat(AT_FDCWD, blob(bytes).c_str(), times, 0), 0);
    }
};

TEST_F(Cache, TheSecondJobGetsNoByteFromTheServer) {
    server.file("/Image", "kernel", "ETag: \"1\"\r\n");
    EXPECT_FALSE(fetch({"kernel", server.url("/Image")}).cached);
    const auto second = fetch({"kernel", server.url("/Image")});
    EXPECT_TRUE(second.cached);
    EXPECT_EQ(second.digests.sha256, sha256_hex("kernel"));
    EXPECT_EQ(server.seen().at(1).headers.at("if-none-match"), "\"1\"");
    EXPECT_EQ(read("job/kernel/Image"), "kernel");
}

TEST_F(Cache, ASecondJobLogsWhatTheFirstDid) {
    server.file("/Image", "kernel", "ETag: \"1\"\r\n");
    fetch({"kernel", server.url("/Image")});
    log.clear();
    fetch({"kernel", server.url("/Image")});
    EXPECT_EQ(lines(LogLevel::info).at(0), "downloading " + server.url("/Image"));
    EXPECT_THAT(lines(LogLevel::debug), ::testing::Contains("total size: 6 (0MB)"));
}

TEST_F(Cache, ANewFileAtTheUrlIsFetched) {
    server.file("/Image", "old", "ETag: \"1\"\r\n");
    fetch({"kernel", server.url("/Image")});
    server.file("/Image", "new", "ETag: \"2\"\r\n");
    EXPECT_FALSE(fetch({"kernel", server.url("/Image")}).cached);
    EXPECT_EQ(read("job/kernel/Image"), "new");
}

TEST_F(Cache, WithoutProofOfSamenessEveryJobFetches) {
    server.file("/Image", "one");
    fetch({"kernel", server.url("/Image")});
    server.file("/Image", "two");
    fetch({"kernel", server.url("/Image")});
    EXPECT_EQ(read("job/kernel/Image"), "two");
}

TEST_F(Cache, ATimeProvesNothingAboutAFileChangedJustNow) {
    const std::string date = "Date: Sun, 01 Nov 2026 10:00:00 GMT\r\n";
    server.file("/fresh", "one", date + "Last-Modified: Sun, 01 Nov 2026 09:59:59 GMT\r\n");
    server.file("/old", "one", date + "Last-Modified: Sun, 01 Nov 2026 09:00:00 GMT\r\n");
    for (const auto* path : {"/fresh", "/old"}) {
        fetch({"kernel", server.url(path)});
        fetch({"kernel", server.url(path)});
    }
    EXPECT_EQ(server.seen().at(1).headers.count("if-modified-since"), 0u);
    EXPECT_EQ(server.seen().at(3).headers.at("if-modified-since"), "Sun, 01 Nov 2026 09:00:00 GMT");
}

TEST_F(Cache, EqualBytesOfTwoUrlsAreKeptOnce) {
    server.file("/a", "same");
    server.file("/b", "same");
    fetch({"kernel", server.url("/a")});
    fetch({"dtb", server.url("/b")});
    EXPECT_EQ(blobs(), 1u);
}

TEST_F(Cache, OtherHeadersMayMeanAnotherFile) {
    server.file("/Image", "for all", "ETag: \"1\"\r\n");
    DownloadRequest request{"kernel", server.url("/Image")};
    fetch(request);
    request.headers = {{"Authorization", "x"}};
    EXPECT_FALSE(fetch(request).cached);
    EXPECT_EQ(server.seen().at(1).headers.count("if-none-match"), 0u);
}

TEST_F(Cache, IsNotAskedWhenTheJobSaysSo) {
    server.file("/Image", "kernel", "ETag: \"1\"\r\n");
    DownloadRequest request{"kernel", server.url("/Image")};
    request.use_cache = false;
    fetch(request);
    EXPECT_FALSE(fetch(request).cached);
}

TEST_F(Cache, AJobThatWritesToItsFileChangesNothingForOthers) {
    server.file("/disk", "clean", "ETag: \"1\"\r\n");
    const auto result = fetch({"rootfs", server.url("/disk")});
    std::ofstream{result.path, std::ios::app} << " dirty";
    EXPECT_EQ(read("job/rootfs/disk"), "clean dirty");
    fetch({"rootfs", server.url("/disk")});
    EXPECT_EQ(read("job/rootfs/disk"), "clean");
}

TEST_F(Cache, ReadersShareOneCopy) {
    server.file("/Image", "kernel");
    DownloadRequest request{"kernel", server.url("/Image")};
    request.placement = Placement::shared;
    const auto result = fetch(request);
    EXPECT_TRUE(std::filesystem::equivalent(result.path, blob("kernel")));
    make_private(result.path, StopFlag{false});
    std::ofstream{result.path, std::ios::app} << "+";
    std::ifstream kept{blob("kernel")};
    EXPECT_EQ((std::string{std::istreambuf_iterator<char>{kept}, {}}), "kernel");
}

TEST_F(Cache, ACopyThatIsStoppedLeavesNothing) {
    write("image", "bytes");
    EXPECT_THROW(copy_bytes(root / "image", root / "copy", StopFlag{true}), Stopped);
    EXPECT_FALSE(std::filesystem::exists(root / "copy"));
    std::filesystem::create_hard_link(root / "image", root / "link");
    EXPECT_THROW(make_private(root / "link", StopFlag{true}), Stopped);
    EXPECT_FALSE(std::filesystem::exists(root / "link.private"));
    write("cache/blobs/x", "bytes");
    CacheEntry entry;
    entry.digests.sha256 = "x";
    EXPECT_THROW(cache->place(entry, root / "placed", Placement::private_copy, StopFlag{true}), Stopped);
    EXPECT_FALSE(std::filesystem::exists(root / "placed"));
}

TEST_F(Cache, DropsWhatWasNotUsedLongest) {
    cache.emplace(root / "cache", 10);
    for (const auto* name : {"aaaa", "bbbb"}) {
        server.file("/" + std::string{name}, name, "ETag: \"" + std::string{name} + "\"\r\n");
        fetch({"kernel", server.url("/" + std::string{name})});
    }
    used_long_ago("aaaa", 100);
    used_long_ago("bbbb", 200);
    EXPECT_TRUE(fetch({"kernel", server.url("/aaaa")}).cached);
    server.file("/cccc", "cccc");
    fetch({"kernel", server.url("/cccc")});
    EXPECT_TRUE(std::filesystem::exists(blob("aaaa")));
    EXPECT_FALSE(std::filesystem::exists(blob("bbbb")));
    EXPECT_FALSE(fetch({"kernel", server.url("/bbbb")}).cached) << "and it comes again when needed";
}

TEST_F(Cache, AFileLargerThanTheCacheStillReachesItsJob) {
    cache.emplace(root / "cache", 2);
    server.file("/big", "larger than two bytes");
    fetch({"kernel", server.url("/big")});
    EXPECT_EQ(read("job/kernel/big"), "larger than two bytes");
}

TEST_F(Cache, AHalfWrittenBlobIsFetchedAgain) {
    server.file("/Image", "kernel", "ETag: \"1\"\r\n");
    fetch({"kernel", server.url("/Image")});
    std::filesystem::permissions(blob("kernel"), std::filesystem::perms::owner_write,
                                 std::filesystem::perm_options::add);
    std::filesystem::resize_file(blob("kernel"), 3);  // the machine lost power
    EXPECT_FALSE(fetch({"kernel", server.url("/Image")}).cached);
    EXPECT_EQ(read("job/kernel/Image"), "kernel");
}

TEST_F(Cache, ANoteCutAnywhereIsNoNote) {
    const CacheEntry entry{{"m", sha256_hex("kernel"), "t"}, 6, "\"1\"", "yesterday"};
    write("cache/blobs/" + sha256_hex("kernel"), "kernel");
    cache->remember("key", entry);
    EXPECT_EQ(cache->find("key"), entry);
    const auto note = std::filesystem::path{"cache/index"} / sha256_hex("key");
    const auto whole = read(note);
    for (std::size_t cut = 0; cut + 1 < whole.size(); ++cut) {
        write(note, whole.substr(0, cut));
        EXPECT_EQ(cache->find("key").value_or(entry).size, 6u) << cut;
    }
    write(note, "patchbay cache 1\n6\n../../../etc/passwd\n\n\n\n\n");
    EXPECT_EQ(cache->find("key"), std::nullopt);
}

TEST_F(Cache, WhatADeadProcessLeftIsRemovedAfterADay) {
    write("cache/tmp/old", "x");
    write("cache/tmp/young", "x");
    const timespec times[2] = {{::time(nullptr) - 90'000, 0}, {::time(nullptr) - 90'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root / "cache/tmp/old").c_str(), times, 0), 0);
    server.file("/Image", "kernel");
    fetch({"kernel", server.url("/Image")});
    EXPECT_FALSE(std::filesystem::exists(root / "cache/tmp/old"));
    EXPECT_TRUE(std::filesystem::exists(root / "cache/tmp/young")) << "somebody may be writing it";
}

/// A month and a day ago.
void make_old(const std::filesystem::path& file) {
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - std::chrono::hours{31 * 24});
}

TEST_F(Cache, ForgetsWhatIsGoneForAMonth) {
    const auto index = root / "cache/index", locks = root / "cache/locks", variants = root / "cache/variants";
    const auto note_of = [](const std::string& key) { return sha256_hex(key); };
    write("cache/blobs/here", "x");
    CacheEntry here, gone;
    here.size = gone.size = 1;
    here.digests.sha256 = "here";
    gone.digests.sha256 = "gone";
    std::ofstream{root / "cache/trimmed"};  // not now
    for (const auto* key : {"kept", "old", "used", "young", "locked"}) {
        cache->remember(key, std::string_view{key} == "kept" ? here : gone);
        static_cast<void>(cache->try_lock(key));
        make_old(locks / note_of(key));
        if (std::string_view{key} != "young") make_old(index / note_of(key));
    }
    static_cast<void>(cache->try_lock("never fetched"));
    make_old(locks / note_of("never fetched"));
    cache->remember_variant("a", "gz", here);
    cache->remember_variant("b", "gz", gone);
    make_old(variants / "a.gz");
    make_old(variants / "b.gz");
    ASSERT_TRUE(cache->find("used", ArtifactCache::BlobIs::elsewhere)) << "a file of this host";
    const auto elsewhere = cache->try_lock("locked");

    cache->remember("today", here);
    EXPECT_TRUE(std::filesystem::exists(index / note_of("old"))) << "it was done a moment ago";
    make_old(root / "cache/trimmed");
    cache->remember("today", here);
    EXPECT_FALSE(std::filesystem::exists(index / note_of("old")));
    EXPECT_FALSE(std::filesystem::exists(locks / note_of("old")));
    EXPECT_FALSE(std::filesystem::exists(locks / note_of("never fetched")));
    EXPECT_FALSE(std::filesystem::exists(variants / "b.gz"));
    EXPECT_TRUE(std::filesystem::exists(variants / "a.gz"));
    for (const auto* key : {"kept", "used", "young", "locked"}) {
        EXPECT_TRUE(std::filesystem::exists(index / note_of(key))) << key;
        EXPECT_TRUE(std::filesystem::exists(locks / note_of(key))) << key;
    }
    EXPECT_FALSE(cache->try_lock("locked"));
}

TEST_F(Cache, ALockThatIsRemovedMeanwhileIsHeldByOneOnly) {
    std::atomic<bool> shared{false};
    const auto hold = [&] {
        for (int i = 0; i < 1000; ++i) {
            const auto lock = cache->try_lock("key");
            if (!lock) continue;
            if (cache->try_lock("key")) shared = true;
            std::filesystem::remove(root / "cache/locks" / sha256_hex("key"));  // as trimming does, still holding it
        }
    };
    std::thread one{hold}, other{hold}, third{hold};
    one.join();
    other.join();
    third.join();
    EXPECT_FALSE(shared);
}

TEST_F(Cache, AFolderThatCannotBeMadeIsNamed) {
    write("file", "x");
    try {
        ArtifactCache{root / "file/cache", 1};
        ADD_FAILURE();
    } catch (const InfrastructureError& error) {
        EXPECT_THAT(error.what(), HasSubstr((root / "file/cache/blobs").string()));
    }
}

}  // namespace
}  // namespace patchbay::testing
