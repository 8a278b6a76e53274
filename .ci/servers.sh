# Servers under judgement: on free ports of the loopback interface, data in a folder of their own, ended by their pids.

binaries=${CARGO_TARGET_DIR:-$root/target}/debug
server_pids=()

# free_port: a port that nothing listens on.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# await_ready PID PORT: until the server answers /ready with 200, at most 20 seconds and not past its end.
await_ready() {
  local _
  for _ in $(seq 200); do
    kill -0 "$1" 2>/dev/null || { echo "the server ended before it was ready"; return 1; }
    python3 - "$2" <<'PYTHON' && return 0
import sys, urllib.request
try:
    sys.exit(urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/ready", timeout=1).status != 200)
except OSError:
    sys.exit(1)
PYTHON
    sleep 0.1
  done
  echo "the server was not ready within its time"
  return 1
}

# start_server LOG PORT COMMAND...: in the background, until it is ready; its pid in `server_pid`.
start_server() {
  local log=$1 port=$2
  shift 2
  "$@" >"$log" 2>&1 &
  server_pid=$!
  server_pids+=("$server_pid")
  await_ready "$server_pid" "$port" || { tail -n 20 "$log"; return 1; }
}

# stop_server PID
stop_server() {
  kill "$1" 2>/dev/null
  wait "$1" 2>/dev/null
}

stop_servers() {
  local pid
  for pid in ${server_pids[@]+"${server_pids[@]}"}; do
    stop_server "$pid"
  done
  server_pids=()
}
