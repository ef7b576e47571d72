file(REMOVE_RECURSE
  "CMakeFiles/patchbay_jobs_definition.dir/definition.cpp.o"
  "CMakeFiles/patchbay_jobs_definition.dir/definition.cpp.o.d"
  "CMakeFiles/patchbay_jobs_definition.dir/multinode_rules.cpp.o"
  "CMakeFiles/patchbay_jobs_definition.dir/multinode_rules.cpp.o.d"
  "CMakeFiles/patchbay_jobs_definition.dir/schema.cpp.o"
  "CMakeFiles/patchbay_jobs_definition.dir/schema.cpp.o.d"
  "CMakeFiles/patchbay_jobs_definition.dir/submission.cpp.o"
  "CMakeFiles/patchbay_jobs_definition.dir/submission.cpp.o.d"
  "CMakeFiles/patchbay_jobs_definition.dir/submission_actions.cpp.o"
  "CMakeFiles/patchbay_jobs_definition.dir/submission_actions.cpp.o.d"
  "CMakeFiles/patchbay_jobs_definition.dir/submission_schema.cpp.o"
  "CMakeFiles/patchbay_jobs_definition.dir/submission_schema.cpp.o.d"
  "libpatchbay_jobs_definition.a"
  "libpatchbay_jobs_definition.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/patchbay_jobs_definition.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
