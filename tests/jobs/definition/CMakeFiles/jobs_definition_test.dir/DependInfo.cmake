
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/yb/tests/jobs/definition/definition_test.cpp" "tests/jobs/definition/CMakeFiles/jobs_definition_test.dir/definition_test.cpp.o" "gcc" "tests/jobs/definition/CMakeFiles/jobs_definition_test.dir/definition_test.cpp.o.d"
  "/tmp/yb/tests/jobs/definition/schema_test.cpp" "tests/jobs/definition/CMakeFiles/jobs_definition_test.dir/schema_test.cpp.o" "gcc" "tests/jobs/definition/CMakeFiles/jobs_definition_test.dir/schema_test.cpp.o.d"
  "/tmp/yb/tests/jobs/definition/submission_test.cpp" "tests/jobs/definition/CMakeFiles/jobs_definition_test.dir/submission_test.cpp.o" "gcc" "tests/jobs/definition/CMakeFiles/jobs_definition_test.dir/submission_test.cpp.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/yb/jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/DependInfo.cmake"
  "/tmp/yb/core/config/CMakeFiles/patchbay_config.dir/DependInfo.cmake"
  "/tmp/yb/core/CMakeFiles/patchbay_core.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
