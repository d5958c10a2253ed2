# What a node of the test cluster is: its ports, its files and its process.
# Sourced by up, down and node; needs bash, and works from any directory.

kit=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
libs=$kit/libs
run=$kit/run
secrets=$run/secrets
nodes=(1 2 3)
cluster_id=kdynoKafkaKitCluster0A

# Each listener, what its port is reckoned from, and what is spoken there; on loopback only. MUTUAL
# wants a certificate of the client, SCRAM_ONLY knows one mechanism, and the last three show a
# certificate that no client should take.
listeners=(
  PLAINTEXT:9092:PLAINTEXT
  CONTROLLER:9093:PLAINTEXT
  SSL:9094:SSL
  MUTUAL:9095:SSL
  SASL_PLAINTEXT:9096:SASL_PLAINTEXT
  SASL_SSL:9097:SASL_SSL
  SCRAM_ONLY:9098:SASL_PLAINTEXT
  EXPIRED:9099:SSL
  FOREIGN:9100:SSL
  MISNAMED:9101:SSL
)

start_seconds=90

die() {
  echo "kafka: $*" >&2
  exit 1
}

# port LISTENER NODE: 19092 of node 1, 19192 of node 2, 19292 of node 3. They are below those that Linux
# gives to clients (32768 to 60999), which may hold one while a node is down.
port() {
  local l
  for l in "${listeners[@]}"; do
    [[ $l == "$1":* ]] || continue
    l=${l#*:}
    echo $((10000 + 100 * ($2 - 1) + ${l%%:*}))
  done
}

properties() { echo "$run/$1/server.properties"; }
pid_file() { echo "$run/$1/pid"; }
log_file() { echo "$run/$1/server.log"; }

# bootstrap [LISTENER]: all brokers, as clients of that listener name them.
bootstrap() {
  local n list=
  for n in "${nodes[@]}"; do list+=${list:+,}127.0.0.1:$(port "${1:-PLAINTEXT}" "$n"); done
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
  grep -qs 'Kafka Server started' "$(log_file "$1")" && port_open "$(port PLAINTEXT "$1")"
}

# A process that was killed holds its ports for a moment after its command line is gone.
port_stays_open() {
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    port_open "$1" || return 1
    sleep 0.1
  done
}

launch_node() {
  local n=$1 l port
  node_pid "$n" >/dev/null && return 0
  [[ -f $(properties "$n") ]] || die "node $n was never set up: run $kit/up first"
  for l in "${listeners[@]}"; do
    port=$(port "${l%%:*}" "$n")
    if port_stays_open "$port"; then
      die "port $port of node $n is taken by a process that no pid file of this cluster names: run .ci/kafka/down, here and in other checkouts, or stop what listens there"
    fi
  done
  if [[ -f $(log_file "$n") ]]; then mv "$(log_file "$n")" "$(log_file "$n").before"; fi
  setsid java -Xms256m -Xmx512m -XX:+UseG1GC \
    "-Dlog4j2.configurationFile=$kit/log4j2.properties" -Dlog4j2.disable.jmx=true \
    "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=file://$secrets/jwks.json" \
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
