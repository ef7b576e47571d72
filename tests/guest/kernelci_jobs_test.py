# SPDX-License-Identifier: Apache-2.0
"""Jobs as KernelCI sends them (of the corpus), on guests below the real daemon; what KernelCI gets back, by its callback.

What is changed of a job: its URLs name files of this machine, where it has none (a node's empty ramdisk) too. The jobs of
tuxlava, KernelCI's generator, also get their x86_64 machine, which the corpus has in another job of that generator, and a RAM
disk, since Debian's kernel has the drivers of its disk as modules. The collection of kselftest is a parameter of the job."""

import argparse
import collections
import contextlib
import gzip
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path += [str(ROOT / "tests/support"), str(ROOT / "tests/compat")]
from lab import FileServer, Lab  # noqa: E402
from clients.kernelci import SECRET, Receiver  # noqa: E402

CONFIG = "allowed_url_networks: [loopback]\ndevices: [{name: qemu, count: 3}]\n"
COLLECTIONS = ["clone3", "kcmp", "membarrier", "mincore", "sigaltstack", "size", "sysctl"]
PROGRAMS = {
    "clone3_clone3": "pass", "clone3_clone3_clear_sighand": "pass", "clone3_clone3_set_tid": "pass",
    "clone3_clone3_cap_checkpoint_restore": "fail",  # with this kernel and Debian's libcap
    "kcmp_kcmp_test": "pass",
    "membarrier_membarrier_test_single_thread": "pass", "membarrier_membarrier_test_multi_thread": "pass",
    "mincore_mincore_selftest": "pass", "sigaltstack_sas": "pass", "size_get_size": "pass",
    "sysctl_sysctl_sh": "skip",  # the kernel has no test_sysctl
}
MINCORE = [("mincore_mincore_selftest_" + name, result) for name, result in (
    ("global_basic_interface", "pass"), ("global_check_anonymous_locked_pages", "pass"), ("No_huge_pages_available", "skip"),
    ("global_check_file_mmap", "pass"), ("global_check_tmpfs_mmap", "pass"))] + [("mincore_mincore_selftest", "pass")]
KUNIT = [name + " pass" for name in (
    "modprobe_kunit-test",
    *("kunit-try-catch-test_kunit_test_try_catch_" + name for name in ("successful_try_no_catch", "unsuccessful_try_does_catch")),
    "kunit-try-catch-test",
    *("kunit-resource-test_kunit_resource_test_" + name for name in (
        "init_resources", "alloc_resource", "destroy_resource", "remove_resource", "cleanup_resources", "proper_free_ordering",
        "static", "named")),
    "kunit-resource-test", "kunit-log-test_kunit_log_test", "kunit-log-test", "kunit_status_kunit_status_set_failure_test",
    "kunit_status_kunit_status_mark_skipped_test", "kunit_status")]
# What KernelCI's jobs find on buildroot's systems: the prompt that they wait for, and the drivers of the disk with the tests.
PROFILE = r"""export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/home TERM=dumb
for module in $(cd /lib/modules && cat %s); do insmod /lib/modules/$module 2> /dev/null; done
export PS1='\w # '
"""


def folder_of(variable, file):
    folder = pathlib.Path(os.environ.get(variable) or "/nonexistent").resolve()
    return folder if (folder / file).exists() else None


def cpio(name, text):
    """An archive with one file, for behind an initial RAM disk."""
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / name).parent.mkdir(parents=True)
        (pathlib.Path(folder) / name).write_text(text)
        names = "\n".join([str(pathlib.PurePath(name).parent), name])
        return gzip.compress(subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], input=names.encode(), cwd=folder, check=True,
                                            stdout=subprocess.PIPE).stdout)


def said_on_console(console):
    """The results that the lines of a console have, of any depth: how often each."""
    lines = [re.match(r"(?:# )*(not ok|ok) \d+ (.*)", line) for line in console]
    return collections.Counter("fail" if line.group(1) == "not ok" else "skip" if "# SKIP" in line.group(2) else "pass"
                               for line in lines if line)


class JobsOfKernelCI(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        corpus = os.environ.get("PATCHBAY_CORPUS")
        if not corpus:
            raise unittest.SkipTest("PATCHBAY_CORPUS names no folder with the field's jobs")
        cls.corpus = pathlib.Path(corpus)
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        cls.folder = pathlib.Path(cls.stack.enter_context(tempfile.TemporaryDirectory(prefix="patchbay-kernelci-")))
        cls.files = FileServer(cls.folder)
        cls.stack.callback(cls.files.close)
        cls.receiver = Receiver()
        cls.stack.callback(cls.receiver.close)
        cls.lab = cls.stack.enter_context(Lab(arguments.programs, CONFIG))
        cls.lab.start()
        cls.lab.add_user("kernelci")
        subprocess.run(cls.lab.command("remote-token", "add", "kernelci", "kernelci-api-token-staging"), text=True, check=True,
                       input=SECRET + "\n", stdout=subprocess.DEVNULL)
        cls.posts = {}

    def job(self, path):
        return yaml.safe_load((self.corpus / "jobs" / path).read_text())

    def serve(self, name, source):
        """The URL of a file, which is linked into the folder of the file server."""
        if not (self.folder / name).exists():
            (self.folder / name).symlink_to(source)
        return "%s/%s" % (self.files.url, name)

    def called_back(self, node):
        """What KernelCI is told about the job of this node."""
        while node not in self.posts:
            try:
                path, headers, body = self.receiver.posts.get(timeout=400)
            except queue.Empty:
                jobs = self.lab.get("/api/v0.2/jobs/").json()["results"]
                self.fail("no callback of node %s; the jobs end with\n%s" % (node, "\n".join(
                    "\n".join(["job %d:" % job["id"], *self.lab.log_lines(job["id"])[-30:]]) for job in jobs)))
            self.assertEqual(headers["Authorization"], SECRET)
            self.posts[path.rpartition("/")[2]] = json.loads(body)
        post = self.posts[node]
        self.assertEqual(post["status_string"], "complete", post["log"][-6000:])
        suites = {suite: [(case["name"], case["result"]) for case in yaml.safe_load(text)] for suite, text in post["results"].items()}
        lines = [line["msg"] for line in yaml.safe_load(post["log"]) if line["lvl"] == "target"]
        return suites, lines

    def baseline(self, path, guest, kernel, ramdisks, drivers):
        """Submits it; its node. `drivers`: lists of make-guest's modules."""
        job = self.job(path)
        node = job["metadata"]["node_id"]
        own = self.folder / (node + ".cpio.gz")
        own.write_bytes(b"".join((guest / name).read_bytes() for name in ramdisks) + cpio("etc/profile", PROFILE % drivers))
        images = job["actions"][0]["deploy"]["images"]
        images["kernel"]["url"] = self.serve(kernel, guest / kernel)
        images["ramdisk"]["url"] = "%s/%s" % (self.files.url, own.name)
        job["notify"]["callback"].update(url="%s/node/%s" % (self.receiver.url, node), token="kernelci-api-token-staging")
        self.lab.submit(yaml.safe_dump(job, sort_keys=False))
        return node

    def test_baseline_on_two_architectures(self):
        guest = folder_of("PATCHBAY_GUEST", "vmlinuz")
        if guest is None:
            self.skipTest("PATCHBAY_GUEST names no folder of scripts/make-guest")
        nodes = [self.baseline("kernelci/lava-cip__job-gcc-14-x86-44-cip__qemu-x86_64.yaml", guest, "vmlinuz",
                               ["initrd.cpio.gz", "ide-amd64.cpio.gz"], "ide disk")]
        arm = folder_of("PATCHBAY_GUEST", "Image-arm64") or folder_of("PATCHBAY_BOARDS", "Image-arm64")
        if arm and shutil.which("qemu-system-aarch64"):
            nodes.append(self.baseline("kernelci/lava-collabora__baseline-arm64__qemu-arm64.yaml", arm, "Image-arm64",
                                       ["initrd-arm64.cpio.gz"], "disk"))
        for node in nodes:
            suites, console = self.called_back(node)
            with self.subTest(node=node):
                # The plan prints a line; what KernelCI looks at are LAVA's own cases.
                self.assertEqual(set(suites), {"lava"})
                self.assertIn("Hello World!", console)
                lava = dict(suites["lava"])
                self.assertEqual({name: lava.get(name) for name in ("job", "login-action", "0_dmesg")},
                                 {"job": "pass", "login-action": "pass", "0_dmesg": "pass"})
                self.assertEqual([case for case in suites["lava"] if case[1] != "pass"], [])

    def definitions(self):
        """Linaro's repository as a release of it is packed: the corpus's definitions, which call this tree's scripts."""
        tree = self.folder / "definitions/tree"
        shutil.copytree(ROOT / "examples/test-definitions", tree)
        for suite in ("kselftest", "kunit", "ltp"):
            shutil.copy(self.corpus / ("testdefs/test-definitions/automated__linux__%s__%s.yaml" % (suite, suite)),
                        tree / ("automated/linux/%s/%s.yaml" % (suite, suite)))
        subprocess.run("tar -C definitions/tree -cf - . | zstd -q -o 2025.10.tar.zst", shell=True, cwd=self.folder, check=True)
        return self.files.url + "/2025.10.tar.zst"

    def ltp(self):
        """The stand-in for LTP, which Debian does not have, as a tarball of /opt/ltp."""
        tree = self.folder / "ltp"
        shutil.copytree(HERE / "suites/kirk", tree)
        (tree / "runtest/fs_perms_simple").write_text("fs_perms01 fs_perms01\nacct_perms02 acct_perms02\nbind_perms03 bind_perms03\n")
        subprocess.run(["tar", "-C", tree, "-cJf", self.folder / "ltp.tar.xz", "."], check=True)
        return self.files.url + "/ltp.tar.xz"

    def kernel_suites(self, debian, suites):
        """The jobs of kselftest, KUnit and LTP in one, as tuxlava does it with several; on the generator's x86_64 machine."""
        machine = self.job("tuxlava/qemu-x86_64-rootfs.yaml")
        job = self.job("tuxlava/qemu-armv7-kselftest-ipc-cpupower.yaml")
        job["actions"].append(self.job("tuxlava/qemu-i386-kunit-overlays-paths.yaml")["actions"][2])
        job["actions"].append(self.job("tuxlava/qemu-armv7-ltp-mutliple-tests.yaml")["actions"][2])
        job["context"] = machine["context"]
        images = job["actions"][0]["deploy"]["images"]
        images["kernel"]["image_arg"] = machine["actions"][0]["deploy"]["images"]["kernel"]["image_arg"].replace(
            "root=/dev/sda", "root=/dev/vda no_timer_check")
        images["kernel"]["url"] = self.serve("debian-kernel", debian / "vmlinuz")
        images["ramdisk"] = {"image_arg": "-initrd {ramdisk}", "url": self.serve("debian-initrd", debian / "initrd.cpio.gz")}
        packed = self.folder / "rootfs.ext4.zst"
        subprocess.run(["zstd", "-q", "-1", "-T0", debian / "debian.ext4", "-o", packed], check=True)
        images["rootfs"]["url"] = "%s/%s" % (self.files.url, packed.name)
        overlays = images["rootfs"]["overlays"]
        overlays["kselftest"]["url"] = self.serve("kselftest.tar.xz", suites / "kselftest.tar.xz")
        overlays["kunit"] = dict(overlays.pop("cpupower"), url=self.serve("kunit.tar.xz", suites / "kunit.tar.xz"))
        overlays["ltp"] = dict(overlays["kselftest"], url=self.ltp(), path="/opt/ltp/")
        definitions = [action["test"]["definitions"][0] for action in job["actions"] if "test" in action]
        for definition in definitions:
            definition["repository"] = self.definitions_url
        definitions[0]["parameters"]["TST_CMDFILES"] = " ".join(COLLECTIONS)
        job["notify"] = {"criteria": {"status": "finished"},
                         "callback": {"url": self.receiver.url + "/node/suites", "method": "POST", "dataset": "all",
                                      "token": "kernelci-api-token-staging", "content-type": "json"}}
        return job

    def test_kselftest_kunit_and_ltp(self):
        debian = folder_of("PATCHBAY_DEBIAN", "debian.ext4")
        suites = folder_of("PATCHBAY_SUITES", "kselftest.tar.xz")
        if debian is None or suites is None:
            self.skipTest("PATCHBAY_DEBIAN and PATCHBAY_SUITES name no folders of scripts/make-debian and scripts/make-suites")
        self.definitions_url = self.definitions()
        self.lab.submit(yaml.safe_dump(self.kernel_suites(debian, suites), sort_keys=False))
        found, console = self.called_back("suites")
        self.assertEqual([case for case in found["lava"] if case[1] != "pass"], [])
        kselftest = found["0_kselftest-ipc"]
        results = dict(kselftest)
        self.assertEqual({name: results.get(name) for name in PROGRAMS}, PROGRAMS)
        # Nothing of what the programs printed was lost, and nothing came twice.
        self.assertEqual(len(results), len(kselftest))
        self.assertEqual(collections.Counter(results.values()), said_on_console(console))
        self.assertEqual([case for case in kselftest if case[0].startswith("mincore")], MINCORE)
        self.assertEqual(["%s %s" % case for case in found["1_kunit"]], KUNIT)
        self.assertEqual(["%s %s" % case for case in found["2_ltp-fs_perms_simple"]],
                         ["fs_perms01 pass", "acct_perms02 skip", "bind_perms03 fail"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True, help="folder of patchbayd and patchbay-runner")
    arguments, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)  # names what was skipped
