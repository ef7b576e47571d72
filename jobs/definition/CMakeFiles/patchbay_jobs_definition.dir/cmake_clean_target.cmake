file(REMOVE_RECURSE
  "libpatchbay_jobs_definition.a"
)
