module kdyno/engine/audit/rediscovery

go 1.26.0

// The audit and the whole engine, compiled against the last version of the client
// that could acknowledge a record that it never wrote.
replace (
	github.com/twmb/franz-go => github.com/twmb/franz-go v1.22.1
	kdyno => ../../..
)

require (
	github.com/twmb/franz-go/pkg/kfake v0.0.0-20260918054303-01f206a7e32c
	github.com/twmb/franz-go/pkg/kmsg v1.15.0
	kdyno v0.0.0
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/pavlo-v-chernykh/keystore-go/v4 v4.5.0 // indirect
	github.com/pierrec/lz4/v4 v4.1.33 // indirect
	github.com/twmb/franz-go v1.22.2 // indirect
	github.com/twmb/franz-go/pkg/kadm v1.18.0 // indirect
	golang.org/x/crypto v0.51.0 // indirect
	golang.org/x/sys v0.47.0 // indirect
	software.sslmate.com/src/go-pkcs12 v0.7.4 // indirect
)
