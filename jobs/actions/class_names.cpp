// SPDX-License-Identifier: Apache-2.0
#include "jobs/actions/class_names.hpp"

#include <algorithm>
#include <array>

namespace patchbay {
namespace {

struct ClassName {
    std::string_view action, name;
};

/// Sorted by action.
constexpr std::array names{
    ClassName{"append-overlays", "actions.deploy.apply_overlay.AppendOverlays"},
    ClassName{"apply-overlay-guest", "actions.deploy.apply_overlay.ApplyOverlayGuest"},
    ClassName{"apply-overlay-image", "actions.deploy.apply_overlay.ApplyOverlayImage"},
    ClassName{"apply-overlay-tftp", "actions.deploy.apply_overlay.ApplyOverlayTftp"},
    ClassName{"auto-login-action", "actions.boot.AutoLoginAction"},
    ClassName{"boot-image-retry", "actions.boot.qemu.BootQEMUImageAction"},
    ClassName{"boot-installer-iso", "actions.boot.iso.BootIsoInstallerAction"},
    ClassName{"boot-qemu-image", "actions.boot.qemu.BootQemuRetry"},
    ClassName{"compress-overlay", "actions.deploy.overlay.CompressOverlay"},
    ClassName{"compress-ramdisk", "actions.deploy.apply_overlay.CompressRamdisk"},
    ClassName{"configure-preseed-file", "actions.deploy.apply_overlay.ConfigurePreseedFile"},
    ClassName{"dd-image", "actions.deploy.removable.DDAction"},
    ClassName{"deploy-device-env", "actions.deploy.environment.DeployDeviceEnvironment"},
    ClassName{"deploy-iso-installer", "actions.deploy.iso.DeployIsoAction"},
    ClassName{"deploy-qemu-nfs", "actions.deploy.nfs.DeployQemuNfsAction"},
    ClassName{"deployimages", "actions.deploy.image.DeployImagesAction"},
    ClassName{"download-postprocess-docker", "actions.deploy.downloads.PostprocessWithDocker"},
    ClassName{"download-retry", "actions.deploy.download.DownloaderAction"},
    ClassName{"downloads", "actions.deploy.downloads.DownloadsAction"},
    ClassName{"execute-installer-command", "actions.boot.iso.IsoCommandLine"},
    ClassName{"execute-qemu", "actions.boot.qemu.CallQemuAction"},
    ClassName{"expect-shell-connection", "shell.ExpectShellSession"},
    ClassName{"export-device-env", "actions.boot.environment.ExportDeviceEnvironment"},
    ClassName{"extract-modules", "actions.deploy.apply_overlay.ExtractModules"},
    ClassName{"extract-nfsrootfs", "actions.deploy.apply_overlay.ExtractNfsRootfs"},
    ClassName{"extract-overlay-ramdisk", "actions.deploy.apply_overlay.ExtractRamdisk"},
    ClassName{"extract-rootfs", "actions.deploy.apply_overlay.ExtractRootfs"},
    ClassName{"file-download", "actions.deploy.download.FileDownloadAction"},
    ClassName{"finalize", "power.FinalizeAction"},
    ClassName{"git-repo-action", "actions.deploy.testdef.GitRepoAction"},
    ClassName{"http-download", "actions.deploy.download.HttpDownloadAction"},
    ClassName{"inline-repo-action", "actions.deploy.testdef.InlineRepoAction"},
    ClassName{"lava-create-overlay", "actions.deploy.overlay.CreateOverlay"},
    ClassName{"lava-multinode-overlay", "actions.deploy.overlay.MultinodeOverlayAction"},
    ClassName{"lava-overlay", "actions.deploy.overlay.OverlayAction"},
    ClassName{"lava-test-interactive", "actions.test.interactive.TestInteractiveAction"},
    ClassName{"lava-test-interactive-retry", "actions.test.interactive.TestInteractiveRetry"},
    ClassName{"lava-test-monitor", "actions.test.monitor.TestMonitorAction"},
    ClassName{"lava-test-monitor-retry", "actions.test.monitor.TestMonitorRetry"},
    ClassName{"lava-test-retry", "actions.test.shell.TestShellRetry"},
    ClassName{"lava-test-shell", "actions.test.shell.TestShellAction"},
    ClassName{"lava-vland-overlay", "actions.deploy.overlay.VlandOverlayAction"},
    ClassName{"login-action", "actions.boot.LoginAction"},
    ClassName{"login-ssh", "actions.boot.ssh.SshAction"},
    ClassName{"monitor-installer-connection", "actions.boot.iso.MonitorInstallerSession"},
    ClassName{"multinode-test", "actions.test.multinode.MultinodeTestAction"},
    ClassName{"nbd-deploy", "actions.deploy.nbd.NbdAction"},
    ClassName{"nfs-deploy", "actions.deploy.nfs.NfsAction"},
    ClassName{"overlay-unpack", "actions.boot.OverlayUnpack"},
    ClassName{"parse-persistent-nfs", "actions.deploy.apply_overlay.ParsePersistentNFS"},
    ClassName{"persistent-nfs-overlay", "actions.deploy.overlay.PersistentNFSOverlay"},
    ClassName{"power-off", "power.PowerOff"},
    ClassName{"pre-downloaded", "actions.deploy.download.PreDownloadedAction"},
    ClassName{"prepare-empty-image", "actions.deploy.iso.IsoEmptyImage"},
    ClassName{"prepare-fit", "actions.deploy.prepare.PrepareFITAction"},
    ClassName{"prepare-kernel", "actions.deploy.prepare.PrepareKernelAction"},
    ClassName{"prepare-qemu-commands", "actions.deploy.iso.QemuCommandLine"},
    ClassName{"prepare-scp-overlay", "actions.deploy.apply_overlay.PrepareOverlayScp"},
    ClassName{"prepare-ssh", "actions.boot.ssh.PrepareSsh"},
    ClassName{"prepare-tftp-overlay", "actions.deploy.apply_overlay.PrepareOverlayTftp"},
    ClassName{"pull-installer-files", "actions.deploy.iso.IsoPullInstaller"},
    ClassName{"qemu-nfs-deploy", "actions.deploy.nfs.ExtractNfsAction"},
    ClassName{"read-feedback", "power.ReadFeedback"},
    ClassName{"reboot-into-installed", "actions.boot.iso.IsoRebootAction"},
    ClassName{"scp-deploy", "actions.boot.ssh.Scp"},
    ClassName{"scp-download", "actions.deploy.download.ScpDownloadAction"},
    ClassName{"scp-overlay", "actions.deploy.ssh.ScpOverlay"},
    ClassName{"scp-overlay-unpack", "actions.boot.ssh.ScpOverlayUnpack"},
    ClassName{"ssh-authorize", "actions.deploy.overlay.SshAuthorize"},
    ClassName{"ssh-connection", "connections.ssh.ConnectSsh"},
    ClassName{"storage-deploy", "actions.deploy.removable.MassStorage"},
    ClassName{"test-definition", "actions.deploy.testdef.TestDefinitionAction"},
    ClassName{"test-install-overlay", "actions.deploy.testdef.TestInstallAction"},
    ClassName{"test-overlay", "actions.deploy.testdef.TestOverlayAction"},
    ClassName{"test-runscript-overlay", "actions.deploy.testdef.TestRunnerAction"},
    ClassName{"tftp-deploy", "actions.deploy.tftp.TftpAction"},
    ClassName{"uboot-prepare-kernel", "actions.deploy.prepare.UBootPrepareKernelAction"},
    ClassName{"url-repo-action", "actions.deploy.testdef.UrlRepoAction"},
    ClassName{"user-command", "actions.commands.CommandAction"},
    ClassName{"xnbd-server-deploy", "actions.deploy.nbd.XnbdAction"},
};

}  // namespace

std::string class_name(std::string_view action) {
    const auto found =
        std::lower_bound(names.begin(), names.end(), action,
                         [](const ClassName& entry, std::string_view key) { return entry.action < key; });
    return std::string{found != names.end() && found->action == action ? found->name : action};
}

}  // namespace patchbay
