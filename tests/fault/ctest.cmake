# SPDX-License-Identifier: Apache-2.0
# The quick form belongs to every test run; ./dev fault has the full numbers.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
foreach(scenario daemon-killed runner-killed both-killed disk-full clock-jumps clients-hang-up two-daemons silent flood)
    add_test(NAME fault_${scenario}
        COMMAND ${Python3_EXECUTABLE} "${CMAKE_CURRENT_SOURCE_DIR}/fault.py" --bin "${CMAKE_BINARY_DIR}/bin" --quick ${scenario})
    set_tests_properties(fault_${scenario} PROPERTIES TIMEOUT 300)
endforeach()
