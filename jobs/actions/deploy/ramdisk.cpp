// SPDX-License-Identifier: Apache-2.0
// extract-overlay-ramdisk and compress-ramdisk. LAVA unpacks the ramdisk between the two and packs it anew; here
// modules and overlay are appended to it, which its kernel unpacks to the same (jobs/overlay/initramfs.hpp). It takes
// no time that grows with the ramdisk, and no fakeroot: owners and devices in it are never touched.
#include "jobs/overlay/initramfs.hpp"

#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/download/interruptible.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

const fs::path& ramdisk_of(JobContext& job, const std::string& ns) {
    const auto& files = job.state(ns).boot.files;
    const auto file = files.find("ramdisk");
    if (file == files.end()) throw LavaBug{"no ramdisk was downloaded"};
    return file->second;
}

class ExtractRamdisk final : public Action {
public:
    explicit ExtractRamdisk(BoardDeployPtr board)
        : Action{"extract-overlay-ramdisk", "make the ramdisk ready for overlay and modules"},
          board_{std::move(board)} {}

    Task<> validate(JobContext&, std::vector<std::string>& errors) override {
        for (const auto* known : {"", "gz", "xz", "bz2", "zstd"}) {
            if (board_->ramdisk_compression == known) co_return;
        }
        errors.push_back("Unsupported compression '" + board_->ramdisk_compression +
                         "' of the ramdisk; use gz, xz, bz2 or zstd");
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline) override {
        if (!board_->ramdisk.given) co_return;
        if (!board_->changes_ramdisk()) {
            job.log.info("Not extracting ramdisk.");
            job.state(ns()).boot.ramdisk_has_header = board_->ramdisk_header;
            co_return;
        }
        UnpackOptions options;
        options.shown = board_->ramdisk_url;
        options.limits.bytes = job.settings.unpack_limit;
        auto work = [file = ramdisk_of(job, ns()), options,
                     header =
                         board_->ramdisk_header ? UBootHeader::present : UBootHeader::absent](const StopFlag& stop) {
            make_appendable(file, header, options, stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
    }

private:
    BoardDeployPtr board_;
};

class CompressRamdisk final : public Action {
public:
    explicit CompressRamdisk(BoardDeployPtr board)
        : Action{"compress-ramdisk", "name the ramdisk, with a header for U-Boot"}, board_{std::move(board)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!board_->changes_ramdisk()) co_return;
        const auto header = header_of(job);
        if (header == "u-boot") {
            need_program("mkimage", "u-boot-tools", errors);
            static_cast<void>(mkimage_arch(job));
        } else if (!header.empty() && header != "raw") {
            errors.push_back("Invalid add_header '" + header + "' of the device; it must be u-boot or raw");
        }
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        if (!board_->changes_ramdisk()) co_return;
        const auto given = ramdisk_of(job, ns());
        auto named = given.parent_path() / "ramdisk.cpio";
        if (!board_->ramdisk_compression.empty()) named += "." + board_->ramdisk_compression;
        fs::rename(given, named);
        auto& boot = job.state(ns()).boot;
        boot.files["ramdisk"] = named;
        boot.ramdisk_has_header = header_of(job) == "u-boot";
        if (boot.ramdisk_has_header) boot.files["ramdisk"] = co_await wrap(job, named, deadline);
        job.log.debug("rename " + given.string() + " to " + boot.files["ramdisk"].string());
    }

private:
    static std::string header_of(const JobContext& job) {
        return config::text_or_empty(job.description.deploy_parameters.find("add_header"));
    }

    static Task<fs::path> wrap(JobContext& job, fs::path ramdisk, Deadline deadline) {
        job.log.info("Adding RAMdisk u-boot header.");
        auto wrapped = ramdisk;
        wrapped += ".uboot";
        std::vector<std::string> argv;
        for (const auto& word :
             {std::string{"-A"}, mkimage_arch(job), std::string{"-T"}, std::string{"ramdisk"}, std::string{"-C"},
              std::string{"none"}, std::string{"-d"}, ramdisk.string(), wrapped.string()}) {
            argv.push_back(word);
        }
        co_await run_mkimage(job, std::move(argv), deadline);
        fs::remove(ramdisk);
        co_return wrapped;
    }

    BoardDeployPtr board_;
};

}  // namespace

ActionPtr make_extract_ramdisk(BoardDeployPtr board) { return std::make_unique<ExtractRamdisk>(std::move(board)); }
ActionPtr make_compress_ramdisk(BoardDeployPtr board) { return std::make_unique<CompressRamdisk>(std::move(board)); }

}  // namespace patchbay
