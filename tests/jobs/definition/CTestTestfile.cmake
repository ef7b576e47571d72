# CMake generated Testfile for 
# Source directory: /tmp/yb/tests/jobs/definition
# Build directory: /tmp/yb/tests/jobs/definition
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[jobs_definition]=] "/tmp/yb/tests/jobs_definition_test" "--gtest_brief=1")
set_tests_properties([=[jobs_definition]=] PROPERTIES  TIMEOUT "120" _BACKTRACE_TRIPLES "/tmp/yb/cmake/PatchbayModule.cmake;45;add_test;/tmp/yb/tests/jobs/definition/CMakeLists.txt;2;patchbay_test;/tmp/yb/tests/jobs/definition/CMakeLists.txt;0;")
