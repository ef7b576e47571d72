# Empty dependencies file for patchbay_jobs_definition.
# This may be replaced when dependencies are built.
