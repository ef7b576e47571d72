// SPDX-License-Identifier: Apache-2.0
// prepare-kernel: the form that the boot loader takes (lava_dispatcher/actions/deploy/prepare.py).
#include <array>
#include <cstdio>
#include <fstream>

#include "jobs/actions/deploy/board_deploy.hpp"
#include "jobs/actions/job_context.hpp"
#include "jobs/actions/local_command.hpp"
#include "jobs/download/compressor.hpp"
#include "jobs/download/interruptible.hpp"

namespace patchbay {
namespace {

namespace fs = std::filesystem;

const fs::path& kernel_of(JobContext& job, const std::string& ns) {
    const auto& files = job.state(ns).boot.files;
    const auto file = files.find("kernel");
    if (file == files.end()) throw LavaBug{"no kernel was downloaded"};
    return file->second;
}

/// The address that the device has for a boot command, or nothing.
std::string kernel_address(const JobContext& job, std::string_view command) {
    const auto* addresses = job.description.parameters.find(command);
    return config::text_or_empty(addresses ? addresses->find("kernel") : nullptr);
}

bool deploy_flag(const JobContext& job, std::string_view key) {
    const auto* value = job.description.deploy_parameters.find(key);
    return value && value->as_bool() && *value->as_bool();
}

class UBootPrepareKernel final : public Action {
public:
    explicit UBootPrepareKernel(BoardDeployPtr board)
        : Action{"uboot-prepare-kernel", "convert kernel to uimage if needed"}, board_{std::move(board)} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        const auto own = own_command();
        if (own.empty()) {
            errors.push_back("Invalid kernel type '" + board_->kernel_type + "'; it must be image, zimage or uimage");
            co_return;
        }
        convert_ = kernel_address(job, own).empty() && own != "bootm";
        command_ = convert_ ? "bootm" : own;
        if (kernel_address(job, command_).empty()) {
            errors.push_back("Requested kernel boot type '" + command_ + "' is not supported by this device.");
        } else if (convert_) {
            need_program("mkimage", "u-boot-tools", errors);
            static_cast<void>(mkimage_arch(job));
            static_cast<void>(load_address(job));
        }
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        auto& boot = job.state(ns()).boot;
        boot.boot_command = command_;
        job.log.info("bootcommand: " + command_);
        if (deploy_flag(job, "append_dtb")) co_await append_dtb(job);
        if (convert_) co_await make_uimage(job, deadline);
    }

private:
    std::string own_command() const {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 3> commands{
            {{"image", "booti"}, {"zimage", "bootz"}, {"uimage", "bootm"}}};
        for (const auto& [type, command] : commands) {
            if (board_->kernel_type == type) return std::string{command};
        }
        return {};
    }

    /// Throws: JobError, the device's address is no number.
    static std::uint64_t load_address(const JobContext& job) {
        auto text = config::text_or_empty(job.description.parameters.find("text_offset"));
        if (text.empty()) text = kernel_address(job, "bootm");
        try {
            return std::stoull(text, nullptr, 0);
        } catch (const std::exception&) {
            throw JobError{"the device's address '" + text + "' for its kernel is no number"};
        }
    }

    static std::string hexadecimal(std::uint64_t number) {
        char text[20];
        std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(number));
        return text;
    }

    /// Boards whose boot loader knows no device tree find it behind the kernel.
    Task<> append_dtb(JobContext& job) {
        auto& files = job.state(ns()).boot.files;
        const auto dtb = files.find("dtb");
        if (dtb == files.end())
            throw JobError{"the device wants its device tree behind the kernel; the job has no 'dtb'"};
        const auto kernel = kernel_of(job, ns());
        const auto joined = kernel.parent_path() / "kernel-dtb";
        job.log.info("Appending " + dtb->second.string() + " to " + kernel.string());
        auto work = [kernel, tree = dtb->second, joined](const StopFlag&) {
            std::ofstream out{joined, std::ios::binary | std::ios::trunc};
            for (const auto& part : {kernel, tree}) {
                if (fs::file_size(part) == 0) throw JobError{"'" + part.filename().string() + "' is empty"};
                out << std::ifstream{part, std::ios::binary}.rdbuf();
            }
            out.close();
            if (!out) throw InfrastructureError{"cannot write '" + joined.string() + "'; is the disk full?"};
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
        files["kernel"] = joined;
    }

    Task<> make_uimage(JobContext& job, Deadline deadline) {
        const auto kernel = kernel_of(job, ns());
        const auto uimage = kernel.parent_path() / "uImage";
        const auto load = load_address(job);
        // An image that runs in its place begins behind its header.
        const auto entry = deploy_flag(job, "use_xip") ? load + 64 : load;
        job.log.info("Converting downloaded kernel to a uImage");
        std::vector<std::string> argv;
        for (const auto& word :
             {std::string{"-A"}, mkimage_arch(job), std::string{"-O"}, std::string{"linux"}, std::string{"-T"},
              std::string{"kernel"}, std::string{"-C"}, std::string{"none"}, std::string{"-a"}, hexadecimal(load),
              std::string{"-e"}, hexadecimal(entry), std::string{"-d"}, kernel.string(), uimage.string()}) {
            argv.push_back(word);
        }
        co_await run_mkimage(job, std::move(argv), deadline);
        job.state(ns()).boot.files["kernel"] = uimage;
    }

    BoardDeployPtr board_;
    std::string command_;
    bool convert_ = false;
};

/// One image with kernel, device tree and ramdisk, as depthcharge boots it. x86 boots its kernel as it is.
class PrepareFit final : public Action {
public:
    PrepareFit() : Action{"prepare-fit", "package kernel, dtb and ramdisk into an FIT image"} {}

    Task<> validate(JobContext& job, std::vector<std::string>& errors) override {
        if (!wanted(job)) co_return;
        need_program("mkimage", "u-boot-tools", errors);
        need_program("dtc", "device-tree-compiler", errors);
        if (address(job).empty()) errors.push_back("the device has no 'load_address' in its parameters for FIT images");
    }

protected:
    ErrorType timeout_type() const override { return ErrorType::infrastructure; }

    Task<> run(JobContext& job, Deadline deadline) override {
        if (!wanted(job)) co_return;
        const auto arch = mkimage_arch(job);
        auto kernel = kernel_of(job, ns());
        const auto image = kernel.parent_path() / "image.itb";
        const bool packed = arch == "arm64";
        if (packed) kernel = co_await pack(job, kernel);
        const auto& files = job.state(ns()).boot.files;
        std::vector<std::string> argv;
        for (const auto& word :
             {std::string{"-D"}, std::string{"-I dts -O dtb -p 2048"}, std::string{"-f"}, std::string{"auto"},
              std::string{"-A"}, arch, std::string{"-O"}, std::string{"linux"}, std::string{"-T"},
              std::string{"kernel"}, std::string{"-C"}, std::string{packed ? "lzma" : "none"}, std::string{"-d"},
              kernel.string(), std::string{"-a"}, address(job)}) {
            argv.push_back(word);
        }
        for (const auto& [key, option] : {std::pair{"dtb", "-b"}, std::pair{"ramdisk", "-i"}}) {
            const auto file = files.find(key);
            if (file == files.end()) continue;
            argv.emplace_back(option);
            argv.push_back(file->second.string());
        }
        argv.push_back(image.string());
        co_await run_mkimage(job, std::move(argv), deadline);
        job.state(ns()).boot.files["fit"] = image;
    }

private:
    static bool wanted(const JobContext& job) { return job.description.deploy_parameters.contains("mkimage_arch"); }
    static std::string address(const JobContext& job) {
        return config::text_or_empty(job.description.parameters.find("load_address"));
    }

    static Task<fs::path> pack(JobContext& job, fs::path kernel) {
        const fs::path packed{kernel.string() + ".lzma"};
        auto work = [kernel, packed](const StopFlag& stop) {
            compress_file(kernel, packed, "lzma", stop);
            return true;
        };
        co_await interruptible(job.workers, std::move(work));
        co_return packed;
    }
};

class PrepareKernel final : public Action {
public:
    PrepareKernel(BoardDeployPtr board, const JobContext& job)
        : Action{"prepare-kernel", "make the kernel what the boot loader takes"} {
        if (job.description.boot_methods.contains("u-boot")) {
            add<UBootPrepareKernel>(std::move(board));
        } else if (job.description.boot_methods.contains("depthcharge")) {
            add<PrepareFit>();
        }
    }
};

}  // namespace

ActionPtr make_prepare_kernel(BoardDeployPtr board, const JobContext& job) {
    return std::make_unique<PrepareKernel>(std::move(board), job);
}

}  // namespace patchbay
