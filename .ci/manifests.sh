# What the last commit changed for agents and operators, for whoever reads the run.

tools_changed() {
  # The first commit has nothing before it, and a shallow clone does not know what was.
  if git cat-file -e HEAD~1:manifests 2>/dev/null; then
    cargo run --quiet --locked --package codegen --bin manifest -- diff HEAD~1 manifests
  else
    echo "no earlier manifests to compare with"
  fi
}
