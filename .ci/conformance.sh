# The official conformance suite against the fixture server: tools built by hand, on the same runtime as the product.

suite=$judges/node_modules/@modelcontextprotocol/conformance/dist/index.js
expected=$root/tests/conformance/expected-failures

# What a requirement set runs without scoring, though a tools server has to hold it.
unscored_2026_07_28="json-schema-2020-12 http-header-validation http-custom-header-server-validation"
unscored_2025_11_25="server-session-lifecycle json-schema-2020-12"

# conformance REVISION
conformance() {
  local revision=$1 port unscored scenario out=$work/conformance-$1 code=0
  rm -rf "$out"
  port=$(free_port)
  start_server "$work/conformance-server-$revision.log" "$port" "$binaries/conformance-server" --port "$port" || return 1
  node "$suite" server --url "http://localhost:$port/mcp" --requirements "$revision" \
    --expected-failures "$expected-$revision.yml" -o "$out" || code=1
  unscored=unscored_${revision//-/_}
  for scenario in ${!unscored}; do
    node "$suite" server --url "http://localhost:$port/mcp" --scenario "$scenario" --spec-version "$revision" \
      --expected-failures "$expected-$revision.yml" -o "$out" || code=1
  done
  stop_server "$server_pid"
  return "$code"
}
