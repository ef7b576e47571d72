
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/yb/jobs/definition/definition.cpp" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/definition.cpp.o" "gcc" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/definition.cpp.o.d"
  "/tmp/yb/jobs/definition/multinode_rules.cpp" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/multinode_rules.cpp.o" "gcc" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/multinode_rules.cpp.o.d"
  "/tmp/yb/jobs/definition/schema.cpp" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/schema.cpp.o" "gcc" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/schema.cpp.o.d"
  "/tmp/yb/jobs/definition/submission.cpp" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/submission.cpp.o" "gcc" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/submission.cpp.o.d"
  "/tmp/yb/jobs/definition/submission_actions.cpp" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/submission_actions.cpp.o" "gcc" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/submission_actions.cpp.o.d"
  "/tmp/yb/jobs/definition/submission_schema.cpp" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/submission_schema.cpp.o" "gcc" "jobs/definition/CMakeFiles/patchbay_jobs_definition.dir/submission_schema.cpp.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/yb/core/config/CMakeFiles/patchbay_config.dir/DependInfo.cmake"
  "/tmp/yb/core/CMakeFiles/patchbay_core.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
