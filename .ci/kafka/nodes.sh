# What a node of the test cluster is: its ports, its files and its process.
# Sourced by up, down and node; needs bash, and works from any directory.

kit=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=$kit/libs
run=$kit/run
nodes=(1 2 3)

# The users exist for the listeners with passwords; the cluster is reachable on loopback only.
cluster_id=kdynoKafkaKitCluster0A
scram_users=(
  --add-scram 'SCRAM-SHA-256=[name=alice,password=alice-secret]'
  --add-scram 'SCRAM-SHA-512=[name=bob,password=bob-secret]'
)

start_seconds=90

die() {
  echo "kafka: $*" >&2
  exit 1
}

client_port() { echo "${1}9092"; }
controller_port() { echo "${1}9093"; }
properties() { echo "$run/$1/server.properties"; }
pid_file() { echo "$run/$1/pid"; }
log_file() { echo "$run/$1/server.log"; }

bootstrap() {
  local n list=
  for n in "${nodes[@]}"; do list+=${list:+,}127.0.0.1:$(client_port "$n"); done
  echo "$list"
}

# A pid file outlives its process and the number is given out again, so the command line decides.
node_pid() {
  local pid
  pid=$(cat "$(pid_file "$1")" 2>/dev/null) || return 1
  [[ $(ps -ww -o args= -p "$pid" 2>/dev/null) == *"kafka.Kafka $(properties "$1")" ]] || return 1
  echo "$pid"
}

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The line comes after the broker is registered and unfenced; the port alone opens earlier.
node_ready() {
  grep -qs 'Kafka Server started' "$(log_file "$1")" && port_open "$(client_port "$1")"
}

launch_node() {
  local n=$1 port
  node_pid "$n" >/dev/null && return 0
  [[ -f $(properties "$n") ]] || die "node $n was never set up: run $kit/up first"
  for port in "$(client_port "$n")" "$(controller_port "$n")"; do
    if port_open "$port"; then
      die "port $port of node $n is taken by a process that no pid file of this cluster names: run .ci/kafka/down, here and in other checkouts, or stop what listens there"
    fi
  done
  if [[ -f $(log_file "$n") ]]; then mv "$(log_file "$n")" "$(log_file "$n").before"; fi
  setsid java -Xms256m -Xmx512m -XX:+UseG1GC \
    "-Dlog4j2.configurationFile=$kit/log4j2.properties" -Dlog4j2.disable.jmx=true \
    -cp "$libs/*" kafka.Kafka "$(properties "$n")" </dev/null >"$(log_file "$n")" 2>&1 &
  echo $! >"$(pid_file "$n")"
  # setsid becomes java only a moment later; until then the command line would not be known.
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    node_pid "$n" >/dev/null && return 0
    sleep 0.1
  done
  tail -n 20 "$(log_file "$n")" >&2
  die "node $n did not start; its log is $(log_file "$n")"
}

await_node() {
  local n=$1 deadline=$((SECONDS + start_seconds))
  until node_ready "$n"; do
    if ! node_pid "$n" >/dev/null; then
      tail -n 30 "$(log_file "$n")" >&2
      die "node $n ended while it started; its log is $(log_file "$n")"
    fi
    if ((SECONDS >= deadline)); then
      tail -n 30 "$(log_file "$n")" >&2
      die "node $n was not ready after $start_seconds s; the logs are $run/*/server.log"
    fi
    sleep 0.2
  done
}

# Waits until the process is gone, so that its port and its files can be used again.
end_node() {
  local n=$1 pid tries
  pid=$(node_pid "$n") || return 0
  kill -9 "$pid" 2>/dev/null || true
  for ((tries = 0; tries < 100; tries++)); do
    node_pid "$n" >/dev/null || return 0
    sleep 0.1
  done
  die "node $n (process $pid) does not end after kill -9"
}
