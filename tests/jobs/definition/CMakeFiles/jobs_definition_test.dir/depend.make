# Empty dependencies file for jobs_definition_test.
# This may be replaced when dependencies are built.
