# SPDX-License-Identifier: Apache-2.0
# How everything is compiled; one interface target, so that no folder sets flags of its own.
option(PATCHBAY_TESTS "Build the tests" ON)
option(PATCHBAY_FUZZ "Build the libFuzzer targets (clang only)" OFF)
option(PATCHBAY_FAULT "Build the stand-in runner of tests/fault" OFF)
option(PATCHBAY_BENCH "Offer the measuring programs of tests/bench as targets" OFF)
set(PATCHBAY_SANITIZE "" CACHE STRING "address;undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(PATCHBAY_CCACHE ccache)
if(PATCHBAY_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PATCHBAY_CCACHE})
endif()
find_program(PATCHBAY_MOLD mold)
if(PATCHBAY_MOLD AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    add_link_options(-fuse-ld=mold)
endif()

add_library(patchbay_options INTERFACE)
target_include_directories(patchbay_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(patchbay_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror
    # GCC 12 reports false positives of these in optimised coroutine frames and std::string.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-restrict -Wno-dangling-pointer
        -Wno-mismatched-new-delete -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
        -Wno-use-after-free -Wno-free-nonheap-object>)
target_compile_definitions(patchbay_options INTERFACE
    PATCHBAY_VERSION="${PROJECT_VERSION}"
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
if(PATCHBAY_SANITIZE)
    list(JOIN PATCHBAY_SANITIZE "," sanitizers)
    target_compile_options(patchbay_options INTERFACE -fsanitize=${sanitizers} -fno-omit-frame-pointer)
    target_link_options(patchbay_options INTERFACE -fsanitize=${sanitizers})
endif()
if(PATCHBAY_FUZZ)
    # Counters in every module; only the fuzz programs themselves get libFuzzer's main().
    target_compile_options(patchbay_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
