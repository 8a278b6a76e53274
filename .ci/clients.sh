# Real clients against the product with its embedded backend; what they have to find is in tests/clients.

clients=$root/tests/clients

# serve CONFIG PORT: the product, in the folder that its data goes to.
serve() {
  local config=$1 port=$2
  cd "$JUDGES_DATA" && exec env MCP_SERVER_CONFIG="$config" MCP_SERVER_PORT="$port" "$binaries/simple-gpt-mcp" serve
}

# start_product CONFIG: a server with an empty database, and the cases of all manifests; `url` leads to it.
start_product() {
  config=$clients/$1
  JUDGES_DATA=$(mktemp -d "$work/data.XXXXXX")
  JUDGES_BACKEND_PORT=$(free_port)
  export JUDGES_DATA JUDGES_BACKEND_PORT
  cases=$JUDGES_DATA/cases.json
  "$judges/mcp2/bin/python" "$clients/cases.py" manifests "$cases" && restart_product
}

# restart_product: another process on the same data.
restart_product() {
  local port
  port=$(free_port)
  url=http://127.0.0.1:$port/mcp
  start_server "$JUDGES_DATA/server.log" "$port" serve "$config" "$port"
}

# judged_under CONFIG COMMAND...: the command against a product of its own, which is ended afterwards. Its data and its
# log stay where something failed.
judged_under() {
  local code
  start_product "$1" || return 1
  shift
  "$@"
  code=$?
  stop_servers
  [ "$code" -ne 0 ] || rm -rf "${JUDGES_DATA:?}"
  return "$code"
}

# judged_by COMMAND...: the same where nobody has to log in and no limit is in the way.
judged_by() { judged_under server.yaml "$@"; }

python_mcp2() { judged_by python_mcp2_twice; }

# A second run after a restart finds what the first one wrote.
python_mcp2_twice() {
  local python=$judges/mcp2/bin/python script=$clients/python_mcp2.py state=$JUDGES_DATA/state.json code=0
  "$python" "$script" "$url" --cases "$cases" --state "$state" || code=1
  stop_server "$server_pid"
  restart_product || return 1
  "$python" "$script" "$url" --cases "$cases" --state "$state" --story "$clients/after_restart.json" || code=1
  return "$code"
}

python_mcp1() { judged_by python_mcp1_once; }

python_mcp1_once() {
  "$judges/mcp1/bin/python" "$clients/python_mcp1.py" "$url" --cases "$cases"
}

# javascript NAME: a script is run from where its packages are.
javascript() { judged_by javascript_once "$1"; }

# copy_scripts: to where their packages are found.
copy_scripts() {
  rm -rf "$judges/clients" && mkdir "$judges/clients" && cp "$clients"/*.mjs "$judges/clients/"
}

javascript_once() {
  copy_scripts && node "$judges/clients/$1.mjs" "$url" "$cases" "$clients/story.json"
}

inspector() { judged_by inspector_once; }

# The Inspector calls only what is listed: a second server lists the aliases.
inspector_once() {
  local port
  port=$(free_port)
  start_server "$JUDGES_DATA/aliases.log" "$port" serve "$clients/aliases.yaml" "$port" || return 1
  export ALIASES_URL=http://127.0.0.1:$port/mcp
  export INSPECTOR=$judges/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js
  javascript_once inspector
}

# Clients that can ask their user do, and the user's answer decides.
elicitation_mcp2() { judged_under approval.yaml elicitation_mcp2_once; }

elicitation_mcp2_once() {
  "$judges/mcp2/bin/python" "$clients/elicitation_mcp2.py" "$url"
}

elicitation_ts2() { judged_under approval.yaml elicitation_ts2_once; }

elicitation_ts2_once() {
  copy_scripts && node "$judges/clients/elicitation_ts2.mjs" "$url" "$clients/elicitation.json"
}

# fallback ENVIRONMENT: for clients that cannot ask, a person decides beside them.
fallback() { judged_under approval.yaml fallback_once "$1"; }

fallback_once() {
  "$judges/$1/bin/python" "$clients/fallback_$1.py" "$url"
}
