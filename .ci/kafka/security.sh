# Who may log in to the test cluster, and the papers of both sides: made anew with each cluster, known
# to nothing outside of run/secrets, and gone with it. Sourced by up after nodes.sh.

# alice and bob have no rights but those that a test gives them; who comes without a name may do all.
# Passwords begin with CANARY, so that a test finds out whoever prints one.
users=(alice bob)

secret() { cat "$secrets/$1"; }

install_openssl() {
  command -v openssl >/dev/null || "$kit/../packages" openssl
}

# All or nothing: a half of the papers would only be noticed by a broker.
make_secrets() {
  [[ -d $secrets ]] && return 0
  local user half=$secrets.half
  rm -rf "$half"
  mkdir -p "$half"
  for user in "${users[@]}"; do echo "CANARY-$(openssl rand -hex 12)" >"$half/$user.password"; done
  echo "CANARY-$(openssl rand -hex 12)" >"$half/store.password"
  # In the background, since in a condition set -e would not end it at what fails.
  (
    cd "$half"
    make_papers
    make_token_key
  ) >"$half/log" 2>&1 &
  if ! wait $!; then
    tail -n 20 "$half/log" >&2
    die "the certificates could not be made; the log is $half/log"
  fi
  mv "$half" "$secrets"
}

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

# authority NAME: a key and a certificate that sign others.
authority() {
  openssl req -x509 "${new_key[@]}" -keyout "$1.key" -out "$1.pem" -days 30 -config <(
    printf '%s\n' '[req]' distinguished_name=name x509_extensions=ca prompt=no '[name]' "CN=kdyno $1" \
      '[ca]' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign subjectKeyIdentifier=hash
  )
}

# ask NAME: a key, and the request for its certificate.
ask() {
  openssl req -new "${new_key[@]}" -keyout "$1.key" -out "$1.csr" -config <(
    printf '%s\n' '[req]' distinguished_name=name prompt=no '[name]' "CN=$1"
  )
}

# paper NAME AUTHORITY HOSTS: a key, and its certificate for hosts ("IP:..., DNS:...").
paper() {
  ask "$1"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 30 -out "$1.cert" \
    -extfile <(printf 'basicConstraints=CA:FALSE\nsubjectAltName=%s\n' "$3")
}

# Stores as openssl and Java's own keytool write them; store.pem is what brokers take, key first.
make_papers() {
  local here=IP:127.0.0.1,DNS:localhost password name
  password=$(cat store.password)
  export password # the tools read it there, not on a command line that others see
  authority ca
  authority foreign-ca
  paper server ca "$here"
  paper foreign foreign-ca "$here"
  paper misnamed ca DNS:kafka.example
  paper alice ca DNS:alice
  paper stranger foreign-ca DNS:stranger
  ask expired
  openssl pkcs12 -export -name ca -in ca.pem -inkey ca.key -passout env:password -out ca.p12
  # openssl 3.0 signs nothing that begins in the past.
  keytool -gencert -keystore ca.p12 -storepass:env password -alias ca -infile expired.csr -rfc \
    -startdate -20d -validity 10 -ext san=ip:127.0.0.1 -outfile expired.cert
  for name in server foreign misnamed expired alice stranger; do cat "$name.key" "$name.cert" >"$name.pem"; done
  for name in JKS PKCS12; do
    keytool -importcert -noprompt -alias ca -file ca.pem -keystore "trust.${name,,}" -storetype "$name" -storepass:env password
  done
  openssl pkcs12 -export -name alice -in alice.cert -inkey alice.key -certfile ca.pem -passout env:password -out alice.pkcs12
  keytool -importkeystore -noprompt -srckeystore alice.pkcs12 -srcstoretype PKCS12 -srcstorepass:env password \
    -destkeystore alice.jks -deststoretype JKS -deststorepass:env password
}

# Whoever has the key can make tokens that the brokers take; a test plays the identity provider with it.
make_token_key() {
  local modulus
  openssl genrsa -out token.key 2048
  modulus=$(openssl rsa -in token.key -noout -modulus)
  modulus=$(printf '%b' "$(sed 's/../\\x&/g' <<<"${modulus#Modulus=}")" | base64 -w 0 | tr '+/' '-_' | tr -d =)
  echo '{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"kit","e":"AQAB","n":"'"$modulus"'"}]}' >jwks.json
}

# One argument a line, for StorageTool: a command line can be read by anyone.
scram_users() {
  local user hash
  for user in "${users[@]}"; do
    for hash in 256 512; do
      printf '%s\n' --add-scram "SCRAM-SHA-$hash=[name=$user,password=$(secret "$user.password")]"
    done
  done
}

# tls_of LISTENER PAPER: what a listener shows.
tls_of() {
  printf '%s\n' "listener.name.$1.ssl.keystore.type=PEM" "listener.name.$1.ssl.keystore.location=$secrets/$2.pem"
}

# logins_of LISTENER MECHANISM...: how one logs in there.
logins_of() {
  local listener=listener.name.$1 mechanism user
  shift
  echo "$listener.sasl.enabled.mechanisms=$(IFS=, && echo "$*")"
  for mechanism in "$@"; do
    case $mechanism in
    PLAIN)
      printf '%s' "$listener.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
      for user in "${users[@]}"; do printf ' user_%s="%s"' "$user" "$(secret "$user.password")"; done
      echo ';'
      ;;
    SCRAM-*) echo "$listener.${mechanism,,}.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;" ;;
    OAUTHBEARER) echo "$listener.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;" ;;
    esac
  done
}

# SASL_PLAINTEXT takes tokens that nobody signed, as Kafka does unless told otherwise; SASL_SSL wants
# the signature of the key in jwks.json.
security_properties() {
  local listener
  cat <<END
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
ssl.truststore.type=PEM
ssl.truststore.location=$secrets/ca.pem
ssl.principal.mapping.rules=RULE:^CN=([^,]+).*\$/\$1/
listener.name.mutual.ssl.client.auth=required
listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class=org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler
listener.name.sasl_ssl.oauthbearer.sasl.oauthbearer.jwks.endpoint.url=file://$secrets/jwks.json
listener.name.sasl_ssl.oauthbearer.sasl.oauthbearer.expected.audience=kdyno
END
  for listener in ssl mutual sasl_ssl; do tls_of "$listener" server; done
  for listener in expired foreign misnamed; do tls_of "$listener" "$listener"; done
  for listener in sasl_plaintext sasl_ssl; do logins_of "$listener" PLAIN SCRAM-SHA-256 SCRAM-SHA-512 OAUTHBEARER; done
  logins_of scram_only SCRAM-SHA-512
}
