# SPDX-License-Identifier: Apache-2.0
# What is installed beside the programs.
include(GNUInstallDirs)

install(DIRECTORY docs/ examples DESTINATION ${CMAKE_INSTALL_DOCDIR}
        PATTERN maintainers EXCLUDE PATTERN "*.[0-9]" EXCLUDE)
install(FILES docs/patchbay.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/patchbayd.8 docs/patchbay-runner.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES completion/patchbay.bash
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME patchbay)
install(FILES udev/60-patchbay.rules DESTINATION lib/udev/rules.d)
install(FILES systemd/patchbay.sysusers DESTINATION lib/sysusers.d RENAME patchbay.conf)
install(FILES systemd/patchbay.tmpfiles DESTINATION lib/tmpfiles.d RENAME patchbay.conf)

# The unit names paths, and `cmake --install --prefix` changes them after this has run: it is written when it is installed.
install(CODE "
    set(PATCHBAY_BINDIR \"${CMAKE_INSTALL_BINDIR}\")
    set(PATCHBAY_DOCDIR \"${CMAKE_INSTALL_DOCDIR}\")
    cmake_path(ABSOLUTE_PATH PATCHBAY_BINDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    cmake_path(ABSOLUTE_PATH PATCHBAY_DOCDIR BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    configure_file(\"${CMAKE_SOURCE_DIR}/systemd/patchbayd.service.in\" \"${CMAKE_BINARY_DIR}/patchbayd.service\" @ONLY)
    file(INSTALL \"${CMAKE_BINARY_DIR}/patchbayd.service\" DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")
")
