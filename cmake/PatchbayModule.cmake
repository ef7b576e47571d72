# SPDX-License-Identifier: Apache-2.0
# patchbay_module(name SOURCES a.cpp … USES other modules … LIBS libraries …): one static library for one folder.
function(patchbay_module name)
    cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBS" ${ARGN})
    add_library(patchbay_${name} STATIC ${ARG_SOURCES})
    list(TRANSFORM ARG_USES PREPEND patchbay_)
    target_link_libraries(patchbay_${name} PUBLIC patchbay_options ${ARG_USES} ${ARG_LIBS})
endfunction()

# patchbay_program(name SOURCES … USES …): an executable called `name` in the build folder's bin/.
function(patchbay_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    list(TRANSFORM ARG_USES PREPEND patchbay_)
    target_link_libraries(${name} PRIVATE patchbay_options ${ARG_USES} ${ARG_LIBS})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
    install(TARGETS ${name} RUNTIME)
endfunction()

# patchbay_test(name SOURCES … USES …): one GoogleTest program `<name>_test` for one folder of tests/.
function(patchbay_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES;LIBS" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_executable(${name}_test ${ARG_SOURCES})
    list(TRANSFORM ARG_USES PREPEND patchbay_)
    target_link_libraries(${name}_test PRIVATE patchbay_options ${ARG_USES} ${ARG_LIBS} GTest::gtest_main GTest::gmock)
    target_compile_definitions(${name}_test PRIVATE
        PATCHBAY_SOURCE_DIR="${CMAKE_SOURCE_DIR}" PATCHBAY_BIN_DIR="${CMAKE_BINARY_DIR}/bin")
    set_target_properties(${name}_test PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# patchbay_fuzz(name SOURCES … USES …): a libFuzzer program `fuzz_<name>`; built with PATCHBAY_FUZZ only.
function(patchbay_fuzz name)
    cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBS" ${ARGN})
    if(NOT PATCHBAY_FUZZ)
        return()
    endif()
    add_executable(fuzz_${name} ${ARG_SOURCES})
    list(TRANSFORM ARG_USES PREPEND patchbay_)
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${name} PRIVATE patchbay_options ${ARG_USES} ${ARG_LIBS})
    set_target_properties(fuzz_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
