# SPDX-License-Identifier: Apache-2.0
# patchbay_embed_texts(folder header symbol output): writes a C++ file that defines
#   the function `symbol`: every file below `folder`, in alphabetical order of its path.
# The header must include core/embedded_text.hpp and declare
# `std::span<const EmbeddedText> <symbol>();` in namespace patchbay.
function(patchbay_embed_texts folder header symbol output)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${folder}" "${folder}/*")
    list(SORT files)
    set(code "// Made by cmake/PatchbayEmbed.cmake; do not edit.\n#include \"${header}\"\n\nnamespace patchbay {\nnamespace {\n\n")
    string(APPEND code "constexpr EmbeddedText texts[] = {\n")
    foreach(file IN LISTS files)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${folder}/${file}")
        file(READ "${folder}/${file}" text)
        string(APPEND code "    {\"${file}\", R\"TEXT(${text})TEXT\"},\n")
    endforeach()
    string(APPEND code "};\n\n}  // namespace\n\nstd::span<const EmbeddedText> ${symbol}() { return texts; }\n\n}  // namespace patchbay\n")
    file(CONFIGURE OUTPUT "${output}" CONTENT "@code@" @ONLY)
endfunction()
