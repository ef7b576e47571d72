file(REMOVE_RECURSE
  "../../jobs_definition_test"
  "../../jobs_definition_test.pdb"
  "CMakeFiles/jobs_definition_test.dir/definition_test.cpp.o"
  "CMakeFiles/jobs_definition_test.dir/definition_test.cpp.o.d"
  "CMakeFiles/jobs_definition_test.dir/schema_test.cpp.o"
  "CMakeFiles/jobs_definition_test.dir/schema_test.cpp.o.d"
  "CMakeFiles/jobs_definition_test.dir/submission_test.cpp.o"
  "CMakeFiles/jobs_definition_test.dir/submission_test.cpp.o.d"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/jobs_definition_test.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
