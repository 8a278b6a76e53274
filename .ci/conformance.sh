# The official conformance suite against the fixture server: tools built by hand, on the same runtime as the product.

suite=$judges/node_modules/@modelcontextprotocol/conformance/dist/index.js
expected=$root/tests/conformance/expected-failures

# What a requirement set runs without scoring, though a tools server has to hold it.
unscored_2026_07_28="json-schema-2020-12 http-header-validation http-custom-header-server-validation"
unscored_2025_11_25="server-session-lifecycle json-schema-2020-12"

# judge_conformance REVISION PORT ARGUMENTS...: one run of the suite; what decides against it starts with FAIL.
judge_conformance() {
  local revision=$1 url=http://localhost:$2/mcp
  shift 2
  node "$suite" server --url "$url" --expected-failures "$expected-$revision.yml" -o "$work/conformance-$revision" "$@" |
    sed -e 's/^  ✗ /FAIL unexpected: /' -e 's/^  ✓ /FAIL passes, so take it out of the expected failures: /'
  return "${PIPESTATUS[0]}"
}

# conformance REVISION
conformance() {
  local revision=$1 port unscored scenario code=0
  rm -rf "$work/conformance-$revision"
  port=$(free_port)
  start_server "$work/conformance-server-$revision.log" "$port" "$binaries/conformance-server" --port "$port" || return 1
  judge_conformance "$revision" "$port" --requirements "$revision" || code=1
  unscored=unscored_${revision//-/_}
  for scenario in ${!unscored}; do
    judge_conformance "$revision" "$port" --scenario "$scenario" --spec-version "$revision" || code=1
  done
  stop_server "$server_pid"
  return "$code"
}
