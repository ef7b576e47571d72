// SPDX-License-Identifier: Apache-2.0
// The ways an overlay and a lab's variables reach a target: into an image before it boots, or fetched by the target.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/config/yaml.hpp"
#include "jobs/actions/deploy/device_environment.hpp"
#include "jobs/overlay/android_sparse.hpp"
#include "tests/jobs/actions/sim_job.hpp"

namespace patchbay::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Real tools change real images; the machine looks at what it was given while it is "running".
struct ImageOverlay : ::testing::Test {
    SimJob job{SimJob::Time::real};
    std::string seen;
    ImageOverlay() {
        job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
        job.board->answers = {{"lava-test-runner /lava-42/0", std::string{test_exit}}};
        job.tool(
            "mkdir -p extra/usr/share && echo fetched > extra/usr/share/note && tar -C extra -cJf extra.tar.xz . && "
            "echo single > single");
    }
    /// Runs the job; when the machine runs, `look` (a shell line, "$1" is the image) says what is in its image.
    JobOutcome run_with(const std::string& image, const std::string& look) {
        job.definition = job_text(
            "- deploy:\n    to: tmpfs\n    os: oe\n    timeout: {minutes: 2}\n    images:\n"
            "      rootfs:\n        url: 'file://@FOLDER@/image'\n        image_arg: '-drive file={rootfs}'\n" +
            image +
            "        overlays:\n          lava: true\n"
            "          extra: {url: 'file://@FOLDER@/extra.tar.xz', compression: xz, format: tar, path: /opt/}\n"
            "          one: {url: 'file://@FOLDER@/single', format: file, path: /opt/name}\n"
            "          other: {url: 'file://@FOLDER@/single', format: file, path: /opt/folder/}\n"
            "          root: {url: 'file://@FOLDER@/extra.tar.xz', compression: xz, format: tar, path: /}\n" +
            boot_block() + test_block("smoke"));
        job.board->answer_other = [this, look](const std::string&) {
            if (!seen.empty()) return std::string{};
            const auto argument = job.board->commands.at(0).at(2);
            seen = job.tool("set -- " + argument.substr(argument.find('=') + 1) + "; " + look);
            return std::string{};
        };
        return job.run();
    }
    static constexpr auto all = "fetched\nfetched\nsingle\nsingle\n0_smoke\n";
};

constexpr auto look_into_ext4 =
    "for f in /usr/share/note /opt/usr/share/note /opt/name /opt/folder/single; do debugfs -R \"cat $f\" \"$i\" "
    "2>/dev/null; done; "
    "debugfs -R 'ls -p /lava-42/0/tests' \"$i\" 2>/dev/null | grep -o 0_smoke";

TEST_F(ImageOverlay, GoesIntoAnExt4Image) {
    job.tool("mke2fs -q -t ext4 image 16M");
    run_with("        format: ext4\n", "i=$1; " + std::string{look_into_ext4});
    EXPECT_EQ(seen, all);
    EXPECT_THAT(job.sink.texts("debug"), Contains("Overlay already applied"));
}

TEST_F(ImageOverlay, GoesIntoAPartition) {
    job.tool(
        "mke2fs -q -t ext4 part 16M && truncate -s 20M image && printf '2048,2048\\n4096,32768\\n' | "
        "sfdisk -q --label gpt image && dd if=part of=image bs=512 seek=4096 conv=notrunc status=none");
    run_with("        format: ext4\n        partition: 1\n",
             "i=part.out; dd if=$1 of=$i bs=512 skip=4096 count=32768 status=none; " + std::string{look_into_ext4});
    EXPECT_EQ(seen, all);
}

TEST_F(ImageOverlay, GoesIntoATarImage) {
    job.tool("mkdir tree && echo init > tree/init && tar -C tree -cf image .");
    run_with("        format: tar\n",
             "mkdir out && tar -C out -xf $1 && cat out/usr/share/note out/opt/usr/share/note out/opt/name "
             "out/opt/folder/single && "
             "ls out/lava-42/0/tests");
    EXPECT_EQ(seen, all);
}

/// Reads archives in a row as the kernel does (the cpio tool stops after the first): prints what the tests look for.
constexpr auto walk_py = R"(
import sys
bytes, at, found = open(sys.argv[1], 'rb').read(), int(sys.argv[2]), {}
while True:
    while at < len(bytes) and bytes[at] == 0: at += 1
    if at >= len(bytes): break
    assert at % 4 == 0 and bytes[at:at + 6] == b'070701', at
    field = [int(bytes[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
    name = bytes[at + 110:at + 109 + field[11]].decode()
    at = at + 110 + field[11] + 3 & ~3
    found[name] = bytes[at:at + field[6]].decode()
    at = at + field[6] + 3 & ~3
for name in 'usr/share/note', 'opt/usr/share/note', 'opt/name', 'opt/folder/single': print(found[name], end='')
print([name for name in found if name.startswith('lava-42/0/tests/')][0].split('/')[3])
)";

TEST_F(ImageOverlay, GoesIntoARamdiskWithoutUnpackingIt) {
    std::ofstream{job.folder / "walk.py"} << walk_py;
    job.tool("mkdir tree && echo init > tree/init && cd tree && echo init | cpio -o -H newc --quiet | gzip > ../image");
    run_with("        format: cpio.newc\n",
             "size=$(stat -c %s image); head -c $size $1 | cmp - image; python3 walk.py $1 $size");
    EXPECT_EQ(seen, all);
}

TEST_F(ImageOverlay, GoesIntoASparseImageOfAndroid) {
    job.tool("mke2fs -q -t ext4 disk 16M");
    const StopFlag go{false};
    make_sparse(job.folder / "disk", job.folder / "image", go);
    run_with("        format: ext4\n        sparse: true\n", "cp $1 kept");
    expand_sparse(job.folder / "kept", job.folder / "i", {}, go);
    EXPECT_EQ(job.tool("i=i; " + std::string{look_into_ext4}), all);
}

TEST_F(ImageOverlay, ThatIsLargeIsGivenUpWhenTheJobIsCanceled) {
    job.tool("echo x > image && truncate -s 128M single");
    job.cancel_when = [this] { return job.sink.has("debug", "- rootfs.one: "); };
    EXPECT_EQ(run_with("        format: cpio.newc\n", "true").error, ErrorType::canceled);
    EXPECT_EQ(job.sink.failure_of("append-overlays"), "The job was canceled");
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(ImageOverlay, OfAFormThatNobodyKnowsIsRefusedBeforeAnythingRuns) {
    job.tool("echo x > image");
    const auto outcome = run_with("        format: ntfs\n        sparse: true\n", "true");
    EXPECT_EQ(outcome.error, ErrorType::job);
    EXPECT_THAT(outcome.error_msg, HasSubstr("Unsupported image format 'ntfs' for overlays of 'rootfs'"));
    EXPECT_THAT(outcome.error_msg, HasSubstr("only images of format ext4"));
    EXPECT_EQ(job.board->boots, 0);
}

TEST_F(ImageOverlay, WhoseNameLeadsToAnotherFolderIsRefusedBeforeAnythingRuns) {
    job.tool("echo x > image");
    for (const std::string name : {"..", ".", "a/b", "../x"}) {
        SimJob other;
        other.definition = job_text(
            "- deploy:\n    to: tmpfs\n    os: oe\n    timeout: {minutes: 2}\n    images:\n      rootfs:\n"
            "        url: 'file://@FOLDER@/kernel'\n        format: cpio.newc\n        overlays:\n          '" +
            name + "': {url: 'file://@FOLDER@/initrd', format: tar, path: /}\n");
        EXPECT_THAT(other.run().error_msg, HasSubstr("'" + name + "' of an overlay of 'rootfs'")) << name;
    }
}

TEST_F(ImageOverlay, InAnImageThatIsFullIsTheJobsProblem) {
    job.tool("mke2fs -q -t ext4 image 200k");
    EXPECT_EQ(run_with("        format: ext4\n", "true").error, ErrorType::job);
    EXPECT_EQ(job.board->boots, 0);
}

// --- transfer_overlay ------------------------------------------------------------------------------------------------

constexpr auto transfer = "    transfer_overlay: {download_command: wget, unpack_command: tar -C / -xzf}\n";

struct TransferOverlay : ::testing::Test {
    SimJob job{SimJob::Time::real};
    std::string fetched;
    TransferOverlay() {
        job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
        job.board->answers = {{"lava-test-runner /lava-42/0", std::string{test_exit}}};
        job.settings.dispatcher_ip = "127.0.0.1";
        job.definition = job_text(
            "- deploy:\n    to: tmpfs\n    os: oe\n    images:\n"
            "      kernel: {image_arg: '-kernel {kernel}', url: 'file://@FOLDER@/kernel'}\n" +
            boot_block(transfer) + test_block("smoke"));
    }
    void use_nfs() {
        job.settings.nfs_root = job.folder / "exported";
        job.settings.nfs_ip = "10.0.0.7";
        job.definition = job_text(
            "- deploy:\n    to: tmpfs\n    os: oe\n    images:\n"
            "      kernel: {image_arg: '-kernel {kernel}', url: 'file://@FOLDER@/kernel'}\n" +
            boot_block("    transfer_overlay: {transfer_method: nfs, download_command: mount -t nfs -o nolock, "
                       "unpack_command: cp -r}\n") +
            test_block("smoke"));
    }
    /// The target's shell runs these words for a line that holds `line`; its wget does its work, and returns `code`.
    void answer(const std::string& line, const std::string& words, int code = 0) {
        job.board->answer_command = [this, line, words, code](const std::string& typed) -> std::vector<std::string> {
            if (typed.find(line) != std::string::npos) return {"/bin/sh", "-c", words};
            const auto url = typed.find("http://");
            if (url == std::string::npos) return {};
            return {"/bin/sh", "-c",
                    "curl -sS --noproxy '*' -o '" + (job.folder / "fetched").string() + "' '" +
                        typed.substr(url, typed.find(';') - url) + "'; exit " + std::to_string(code)};
        };
    }
    /// The job ends with this error before its test starts.
    void expect_end(ErrorType error, const std::string& text) {
        const auto outcome = job.run();
        EXPECT_EQ(outcome.error, error);
        EXPECT_THAT(outcome.error_msg, HasSubstr(text));
        EXPECT_THAT(job.board->typed, ::testing::Not(HasSubstr("lava-test-runner")));
        EXPECT_FALSE(job.board->powered);
    }
    static constexpr auto asks = "; echo \"<PATCHBAY_RC $?>\"\n";
};

TEST_F(TransferOverlay, IsFetchedAndUnpackedByTheTarget) {
    job.board->answer_command = [this](const std::string& line) -> std::vector<std::string> {
        const auto url = line.find("http://");
        if (line.find("wget") == std::string::npos || url == std::string::npos) return {};
        return {"/bin/sh", "-c",
                "cd '" + job.folder.string() + "' && curl -sS --noproxy '*' -O '" +
                    line.substr(url, line.find(';') - url) + "' && tar -tzf overlay-*.tar.gz > listing"};
    };
    EXPECT_TRUE(job.run().passed());
    std::ifstream listing{job.folder / "listing"};
    const std::string names{std::istreambuf_iterator<char>{listing}, {}};
    EXPECT_THAT(names, HasSubstr("lava-42/bin/lava-test-runner\n"));
    EXPECT_THAT(names, HasSubstr("lava-42/0/tests/0_smoke/run.sh\n"));
    EXPECT_THAT(job.board->typed, HasSubstr("tar -C / -xzf overlay-2.4.tar.gz; echo "));
    EXPECT_THAT(job.board->typed, ::testing::Not(HasSubstr("mount "))) << "the drive would hide it";
}

TEST_F(TransferOverlay, IsMountedAndCopiedByTheTarget) {
    use_nfs();
    const auto folder = job.settings.nfs_root / "42" / "overlay-2.4";
    bool served = false;
    job.board->answer_other = [&](const std::string& line) -> std::string {
        if (line.find("cp -r") != std::string::npos) {
            served = std::filesystem::exists(folder / "lava-42/0/tests/0_smoke/run.sh");
        }
        return "";
    };
    const auto outcome = job.run();
    EXPECT_TRUE(outcome.passed()) << outcome.error_msg;
    EXPECT_THAT(job.board->typed, HasSubstr("mkdir -p /overlay-2.4 && mount -t nfs -o nolock 10.0.0.7:" +
                                            folder.string() + " /overlay-2.4" + asks + "cp -r /overlay-2.4/* /" + asks +
                                            "umount /overlay-2.4 && rm -fr /overlay-2.4" + asks));
    EXPECT_TRUE(served);
    EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(TransferOverlay, ThatNobodyFetchesIsSaid) {
    const auto outcome = job.run();
    EXPECT_EQ(outcome.error, ErrorType::infrastructure);
    EXPECT_THAT(outcome.error_msg, HasSubstr("the target did not fetch the overlay from http://127.0.0.1:"));
    EXPECT_FALSE(job.board->powered);
}

TEST_F(TransferOverlay, ThatTheTargetCannotUnpackEndsTheJob) {
    answer("tar -C / -xzf", "echo tar: not found; exit 127");
    expect_end(ErrorType::job,
               "'tar -C / -xzf overlay-2.4.tar.gz' failed on the target with return code 127; the console shows");
}

TEST_F(TransferOverlay, ThatTheTargetHasNoRoomForEndsTheJob) {
    answer("nothing", "true", 23);
    expect_end(ErrorType::job, "failed on the target with return code 23; the console shows");
}

TEST_F(TransferOverlay, ThatTheTargetCannotMountIsTheLabsProblem) {
    use_nfs();
    answer("mount -t nfs", "echo mount: no such device; exit 32");
    expect_end(ErrorType::infrastructure,
               "failed on the target with return code 32; does the target's kernel have NFS");
    EXPECT_THAT(job.board->typed, ::testing::Not(HasSubstr("rm -fr")));
}

TEST_F(TransferOverlay, ThatTheTargetCannotCopyIsUnmountedAndEndsTheJob) {
    use_nfs();
    answer("cp -r", "echo cp: No space left on device; exit 1");
    expect_end(ErrorType::job, "'cp -r /overlay-2.4/* /' failed on the target with return code 1");
    EXPECT_THAT(job.board->typed, HasSubstr("umount /overlay-2.4 && rm -fr /overlay-2.4"));
}

TEST_F(TransferOverlay, IsNotRemovedWhileItIsMounted) {
    use_nfs();
    answer("umount /overlay-2.4 && ", "echo umount: target is busy; exit 32");
    EXPECT_TRUE(job.run().passed());
    EXPECT_TRUE(job.sink.has("warning", "return code 32; the folder stays on the target"));
}

TEST_F(TransferOverlay, ThatCannotWorkIsRefusedBeforeAnythingRuns) {
    job.settings.dispatcher_ip.clear();
    job.definition = job_text(deploy_block() + boot_block("    transfer_overlay: {transfer_method: zmodem}\n") +
                              test_block("smoke"));
    const auto outcome = job.run();
    for (const auto* part :
         {"transfer_method 'zmodem' is not available here; use http or nfs", "'download_command' is missing",
          "'unpack_command' is missing", "'dispatcher_ip' in lab.yaml is missing"}) {
        EXPECT_THAT(outcome.error_msg, HasSubstr(part));
    }
    EXPECT_EQ(job.board->boots, 0);
}

// --- env-dut ---------------------------------------------------------------------------------------------------------

Variables variables_of(const std::string& yaml) { return device_environment(config::parse_yaml(yaml)); }

TEST(DeviceEnvironment, IsTheRunnersOwnWithChanges) {
    EXPECT_THAT(device_environment({}), IsEmpty());
    EXPECT_EQ(variables_of("{purge: true, overrides: {B: 2, A: x y, EMPTY: null}}"),
              (Variables{{"A", "x y"}, {"B", "2"}, {"EMPTY", ""}}));
    ::setenv("PATCHBAY_TEST_A", "1", 1);
    ::setenv("PATCHBAY_TEST_B", "2", 1);
    const auto mixed = variables_of("{removes: [PATCHBAY_TEST_A], overrides: {PATCHBAY_TEST_B: three}}");
    EXPECT_THAT(mixed, Contains(std::pair<std::string, std::string>{"PATCHBAY_TEST_B", "three"}));
    for (const auto& [name, value] : mixed) EXPECT_NE(name, "PATCHBAY_TEST_A");
}

TEST(DeviceEnvironment, NamesWhatIsWrong) {
    const auto problems = [](const std::string& yaml) { return check_device_environment(config::parse_yaml(yaml)); };
    EXPECT_THAT(problems("{purge: true, removes: [A], overrides: {B: 1}}"), IsEmpty());
    for (const auto* yaml : {"[a]", "{purge: 5}", "{removes: A}", "{overrides: [A]}", "{overrides: {'a-b': 1}}",
                             "{overrides: {A: [1]}}", "{overrides: {'A;reboot': 1}}"}) {
        EXPECT_EQ(problems(yaml).size(), 1u) << yaml;
    }
}

TEST(DeviceEnvironment, SurvivesTheShell) {
    EXPECT_EQ(export_command("A", "/usr/bin:/bin", "~/.bashrc"), "echo export A=\\'/usr/bin:/bin\\' >> ~/.bashrc");
    for (const std::string value : {"plain", "two  words", "it's $HOME", "a\"b`c", "", "*;|&"}) {
        std::string name = ::testing::TempDir() + "rcXXXXXX";
        const int fd = ::mkstemp(name.data());
        ASSERT_GE(fd, 0);
        const auto line = export_command("V", value, name) + "; . " + name + "; printf %s \"$V\"";
        FILE* pipe = ::popen(line.c_str(), "r");
        char buffer[200] = {};
        const auto n = std::fread(buffer, 1, sizeof buffer - 1, pipe);
        ::pclose(pipe);
        EXPECT_EQ((std::string{buffer, n}), value);
        std::filesystem::remove(name);
    }
}

TEST(DeviceEnvironment, IsGivenToTheTargetsShell) {
    SimJob job;
    job.settings.env_dut = config::parse_yaml("{purge: true, overrides: {http_proxy: 'http://proxy:3128', NOTE: a b}}");
    job.board->boot = {say("Linux version 6.1\r\n"), say_prompt()};
    job.board->answers = {{"lava-test-runner /lava-42/0", std::string{test_exit}}};
    job.definition = job_text(deploy_block() + boot_block() + test_block("smoke"));
    EXPECT_TRUE(job.run().passed());
    EXPECT_THAT(job.board->typed, HasSubstr("echo 'export NOTE='\"'\"'a b'\"'\"'' >> ~/.bashrc\n"
                                            "echo export http_proxy=\\'http://proxy:3128\\' >> ~/.bashrc\n"
                                            ". ~/.bashrc\n"));
}

TEST(DeviceEnvironment, ThatIsWrongEndsTheJobBeforeAnythingRuns) {
    SimJob job;
    job.settings.env_dut = config::parse_yaml("{overrides: {'a b': 1}}");
    job.definition = job_text(deploy_block() + boot_block() + test_block("smoke"));
    EXPECT_THAT(job.run().error_msg, HasSubstr("'a b' cannot be a variable's name"));
    EXPECT_EQ(job.board->boots, 0);
}

}  // namespace
}  // namespace patchbay::testing
