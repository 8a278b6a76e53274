# The judges, each at the version that the expectations were written against, under target/judges.
# What is there already at these versions is not installed again.

node_packages="node@22.23.3
@modelcontextprotocol/conformance@0.2.0-alpha.12
@modelcontextprotocol/inspector@2.12.0
@modelcontextprotocol/sdk@1.32.2
@modelcontextprotocol/client@2.4.0
gpt-tokenizer@4.0.0"
python_mcp2_packages="mcp==2.3.0 pyyaml==6.0.3"
python_mcp1_packages="mcp==1.30.0"
fastmcp_packages="fastmcp==4.1.2"
openai_agents_packages="openai-agents==0.24.0"

# The suite and the Inspector need a newer node than many machines have.
node() { "$judges/node_modules/.bin/node" "$@"; }

# once STAMP VERSIONS COMMAND...: runs the command unless it went well for these versions before.
once() {
  local stamp=$1 versions=$2
  shift 2
  [ "$(cat "$stamp" 2>/dev/null)" = "$versions" ] && return 0
  rm -f "$stamp"
  "$@" && printf '%s\n' "$versions" >"$stamp"
}

install_node_packages() {
  # shellcheck disable=SC2086  # one word per package
  npm install --prefix "$judges" --no-audit --no-fund --save-exact $node_packages
}

# install_python NAME PACKAGES
install_python() {
  rm -rf "${judges:?}/$1"
  # shellcheck disable=SC2086  # one word per package
  python3 -m venv "$judges/$1" && "$judges/$1/bin/pip" install --quiet --disable-pip-version-check $2
}

install_judges() {
  mkdir -p "$judges"
  once "$judges/node.installed" "$node_packages" install_node_packages &&
    once "$judges/mcp2.installed" "$python_mcp2_packages" install_python mcp2 "$python_mcp2_packages" &&
    once "$judges/mcp1.installed" "$python_mcp1_packages" install_python mcp1 "$python_mcp1_packages" &&
    once "$judges/fastmcp.installed" "$fastmcp_packages" install_python fastmcp "$fastmcp_packages" &&
    once "$judges/openai_agents.installed" "$openai_agents_packages" install_python openai_agents "$openai_agents_packages"
}
