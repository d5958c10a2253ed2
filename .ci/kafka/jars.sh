# Java, Maven and the jars of the pom: what there must be before a node can start.
# Sourced after nodes.sh.

java_major() {
  java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1
}

have_java() {
  command -v java >/dev/null || return 1
  local major
  major=$(java_major)
  [[ -n $major ]] && ((major >= 17))
}

install_missing() {
  local packages=()
  have_java || packages+=(default-jdk-headless)
  command -v mvn >/dev/null || packages+=(maven)
  command -v ps >/dev/null || packages+=(procps)
  ((${#packages[@]})) || return 0
  "$kit/../packages" "${packages[@]}"
  have_java || die "Kafka needs Java 17 or newer on the PATH; java is: $(command -v java || echo missing)"
  command -v mvn >/dev/null || die "Maven is not on the PATH although it was installed"
}

# The copy of the pom beside the jars tells which pom they were fetched for.
fetch_jars() {
  cmp -s "$kit/pom.xml" "$libs/fetched-for.xml" && return 0
  rm -rf "$libs"
  mkdir -p "$run"
  if ! mvn -q -B -f "$kit/pom.xml" dependency:copy-dependencies -DoutputDirectory="$libs" </dev/null >"$run/maven.log" 2>&1; then
    cat "$run/maven.log" >&2
    die "Maven could not fetch Kafka's jars: look at its messages above, and at the mirror and proxy in ~/.m2/settings.xml"
  fi
  cp "$kit/pom.xml" "$libs/fetched-for.xml"
}
