# Steps: each one announced with its name, timed, its output kept in a log and shown where it fails.

passed=0
failed=0

# wanted_step NAME: whether the command line asks for this step. What other steps stand on is always taken.
wanted_step() {
  local name=$1 word
  [ "${#wanted[@]}" -eq 0 ] && return 0
  case $name in "judges installed" | "fixture server" | product) return 0 ;; esac
  for word in "${wanted[@]}"; do
    case $name in *"$word"*) return 0 ;; esac
  done
  return 1
}

# log_of NAME: where the output of a step is kept.
log_of() { printf '%s/%s.log' "$work" "${1//[^a-z0-9.]/-}"; }

# print_log NAME: shows what a step that was taken said.
print_log() { if wanted_step "$1"; then sed 's/^/     /' "$(log_of "$1")"; fi; }

# step NAME COMMAND...
step() {
  local name=$1 log started
  shift
  wanted_step "$name" || return 0
  log=$(log_of "$name")
  started=$SECONDS
  printf -- '-- %s\n' "$name"
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok   %s (%s s)\n' "$name" $((SECONDS - started))
    grep -E '^[a-z].*: [0-9]+ passed, [0-9]+ failed$' "$log" | sed 's/^/     /'
  else
    failed=$((failed + 1))
    printf 'FAIL %s (%s s); %s says\n' "$name" $((SECONDS - started)) "${log#"$root"/}"
    grep '^FAIL ' "$log" || tail -n 40 "$log"
  fi
}

# summary: the last line, and the exit code of the script.
summary() {
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
