# Runs at the start of each shell of the runner. The first shell of a job finds no checkout: the job gets a new home
# and a new /tmp. Later shells keep the artifacts that the job created, for the checkouts of the next jobs.
set -- /tmp/pipeline.*/builds/*/*/*/app
if [ -d "$1" ]; then
  (
    cd "$1" || exit
    while read -r pattern; do
      # a pattern
      for file in $pattern; do
        [ ! -e "$file" ] || cp -r --parents "$file" /tmp/rig/source/
      done
    done < /tmp/rig/artifacts
  )
else
  find /tmp -mindepth 1 -maxdepth 1 ! -name rig ! -name 'pipeline.*' -exec rm -rf {} +
  mkdir /tmp/home
  # for login shells of the job itself
  echo "export PATH='$(cat /tmp/rig/path)'" > /tmp/home/.profile
fi
