# SPDX-License-Identifier: Apache-2.0
# What is installed beside the programs.
include(GNUInstallDirs)

install(DIRECTORY docs/ examples DESTINATION ${CMAKE_INSTALL_DOCDIR}
        PATTERN maintainers EXCLUDE PATTERN "*.[0-9]" EXCLUDE)
install(FILES docs/patchbay.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/patchbayd.8 docs/patchbay-runner.8 docs/patchbay-tftpd.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES completion/patchbay.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME patchbay)
install(FILES udev/60-patchbay.rules DESTINATION lib/udev/rules.d)
install(FILES systemd/patchbay.sysusers DESTINATION lib/sysusers.d RENAME patchbay.conf)
install(FILES systemd/patchbay.tmpfiles DESTINATION lib/tmpfiles.d RENAME patchbay.conf)

# The units name paths, and `cmake --install --prefix` changes them after this has run: they are written when they are
# installed.
install(CODE "
    set(PATCHBAY_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
    set(PATCHBAY_DOCDIR \"${CMAKE_INSTALL_DOCDIR}\")
    set(PATCHBAY_LIBEXECDIR \"${CMAKE_INSTALL_LIBEXECDIR}\")
    foreach(folder BINDIR DOCDIR LIBEXECDIR)
        cmake_path(ABSOLUTE_PATH PATCHBAY_\${folder} BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    endforeach()
    foreach(unit patchbayd.service patchbay-runner@.service patchbay-devices.service patchbay-tftp.service)
        configure_file(\"${CMAKE_SOURCE_DIR}/systemd/\${unit}.in\" \"${CMAKE_BINARY_DIR}/\${unit}\" @ONLY)
        file(INSTALL \"${CMAKE_BINARY_DIR}/\${unit}\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
    endforeach()
    configure_file(\"${CMAKE_SOURCE_DIR}/systemd/patchbay-devices.in\" \"${CMAKE_BINARY_DIR}/patchbay-devices\" @ONLY)
    file(INSTALL \"${CMAKE_BINARY_DIR}/patchbay-devices\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBEXECDIR}\"
         FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
")
install(FILES systemd/patchbay-runner@.socket systemd/patchbay-tftp.socket DESTINATION lib/systemd/system)
