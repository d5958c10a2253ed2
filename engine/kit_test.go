//go:build integration

package engine_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kdyno/engine/setting"
)

// kitRun is where .ci/kafka/up leaves what clients need.
const kitRun = "../.ci/kafka/run"

// command builds kdyno and returns its path.
func command(t *testing.T) string {
	t.Helper()
	kdyno := filepath.Join(t.TempDir(), "kdyno")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", kdyno, "kdyno").CombinedOutput(); err != nil {
		t.Fatalf("build kdyno: %v\n%s", err, out)
	}
	return kdyno
}

// listener are the addresses of the brokers at one of the kit's listeners.
func listener(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(kitRun, "listeners"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			return strings.Split(list, ",")
		}
	}
	t.Fatalf("the kit has no listener %s:\n%s", name, text)
	return nil
}

// paperOf is the path of one of the kit's certificates, keys and stores.
func paperOf(name string) string { return filepath.Join(kitRun, "secrets", name) }

// secretOf is the text of one of them.
func secretOf(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(paperOf(name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// login are the settings by which a user logs in with a password.
func login(mechanism, user, password string) []string {
	module := setting.ScramModule
	if mechanism == setting.Plain {
		module = setting.PlainModule
	}
	return []string{
		"sasl.mechanism", mechanism,
		"sasl.jaas.config", fmt.Sprintf("%s required username=%q password=%q;", module, user, password),
	}
}

// bearer are the settings by which a client logs in with a token.
func bearer(options string) []string {
	return []string{"sasl.mechanism", setting.OAuthBearer, "sasl.jaas.config", setting.OAuthModule + " required " + options + ";"}
}

// token is one as an identity provider would make it whose key the brokers trust.
func token(t *testing.T, user string, expires time.Time) string {
	t.Helper()
	block, _ := pem.Decode([]byte(secretOf(t, "token.key")))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	part := func(v map[string]any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(map[string]any{"alg": "RS256", "kid": "kit"}) + "." +
		part(map[string]any{"sub": user, "aud": "kdyno", "iat": expires.Add(-time.Hour).Unix(), "exp": expires.Unix(), "scope": "load"})
	sum := sha256.Sum256([]byte(text))
	signed, err := rsa.SignPKCS1v15(rand.Reader, key.(*rsa.PrivateKey), crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signed)
}

// allow gives a user rights on a topic, and waits until each broker knows.
func allow(t *testing.T, admin *kadm.Client, topic, user string, operations ...kadm.ACLOperation) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), adminWithin)
	defer cancel()
	rights := kadm.NewACLs().Topics(topic).ResourcePatternType(kadm.ACLPatternLiteral).Operations(operations...).Allow("User:" + user).AllowHosts()
	made, err := admin.CreateACLs(ctx, rights)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range made {
		if a.Err != nil {
			t.Fatalf("rights of %s on %s: %v", user, topic, a.Err)
		}
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), adminWithin)
		defer cancel()
		if _, err := admin.DeleteACLs(ctx, rights); err != nil {
			t.Errorf("take the rights of %s on %s away: %v", user, topic, err)
		}
	})
	awaitRights(ctx, t, topic, user)
}

// awaitRights waits until each broker knows of a right: they hear of it from the controller one after
// another.
func awaitRights(ctx context.Context, t *testing.T, topic, user string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(realBrokers(t)...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for id := int32(1); id <= realReplication; {
		if knowsRights(ctx, cl.Broker(int(id)), topic, user) {
			id++
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("broker %d does not know the rights of %s on %s after %v", id, user, topic, adminWithin)
		}
	}
}

func knowsRights(ctx context.Context, b *kgo.Broker, topic, user string) bool {
	req := kmsg.NewPtrDescribeACLsRequest()
	req.ResourceType, req.ResourceName = kmsg.ACLResourceTypeTopic, kmsg.StringPtr(topic)
	req.ResourcePatternType, req.Principal = kmsg.ACLResourcePatternTypeLiteral, kmsg.StringPtr("User:"+user)
	req.Operation, req.PermissionType = kmsg.ACLOperationAny, kmsg.ACLPermissionTypeAny
	resp, err := req.RequestWith(ctx, b)
	return err == nil && resp.ErrorCode == 0 && len(resp.Resources) > 0
}

// write makes a file that only its owner reads.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
