# What becomes of manifests: what the last commit changed for agents and operators, for whoever reads the run, and what
# an author of a new one has to touch.

tools_changed() {
  # The first commit has nothing before it, and a shallow clone does not know what was.
  if git cat-file -e HEAD~1:manifests 2>/dev/null; then
    cargo run --quiet --locked --package codegen --bin manifest -- diff HEAD~1 manifests
  else
    echo "no earlier manifests to compare with"
  fi
}

# A tool more touches its manifest and its two snapshots, and every test of the repository holds for it as well. It is
# tried in a copy. Cargo takes a copy for the workspace itself, so it has a target folder of its own.
one_tool_more() {
  local copy=$work/one-tool-more file
  rm -rf "$copy" && mkdir -p "$copy"
  git ls-files --cached --others --exclude-standard | while read -r file; do
    if [ -e "$file" ]; then cp --parents --preserve=mode,timestamps "$file" "$copy"; fi
  done
  cd "$copy" || return
  git init --quiet && git add --all || return
  cp tests/fixtures/new_tool.yaml manifests/crm/tag_orders.yaml
  # What is built already is taken along; cargo knows it again by the times of the files.
  export CARGO_TARGET_DIR=$work/one-tool-more-target
  rm -rf "$CARGO_TARGET_DIR" && mkdir -p "$CARGO_TARGET_DIR/debug/deps" || return
  cp -a "$root"/target/debug/{build,.fingerprint} "$CARGO_TARGET_DIR/debug" || return
  find "$root/target/debug/deps" -maxdepth 1 -regex '.*\.\(rlib\|rmeta\|so\|d\)' \
    -exec cp -a -t "$CARGO_TARGET_DIR/debug/deps" {} + || return
  CI='' INSTA_UPDATE=always cargo test --locked --package simple-gpt-mcp --test snapshots || return
  git add --intent-to-add --all
  git diff --name-only | tee /dev/stderr | cmp - <<'FILES' || return
generated/snapshots/crm/tag_orders.snap
generated/snapshots/crm/tag_orders.tool.snap
manifests/crm/tag_orders.yaml
FILES
  cargo test --workspace --locked || return
  rm -rf "$CARGO_TARGET_DIR"
}
