package setting

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseJAASReadsWhatJavaReads(t *testing.T) {
	tests := []struct {
		text    string
		module  string
		control string
		want    map[string]string
	}{
		{PlainModule + ` required username="alice" password="a b;c=d";`, PlainModule, "required", map[string]string{"username": "alice", "password": "a b;c=d"}},
		{ScramModule + " REQUIRED\n  username='al\"ice'\n  password=plain-_$1.x;\n", ScramModule, "required", map[string]string{"username": `al"ice`, "password": "plain-_$1.x"}},
		{OAuthModule + " optional;", OAuthModule, "optional", map[string]string{}},
		{PlainModule + ` sufficient password="q\"\\\'\101\0529\t\x\777";`, PlainModule, "sufficient", map[string]string{"password": "q\"\\'A*9\tx\u003f7"}},
		{"// first\n" + PlainModule + " /* a ; b */ requisite / to the end ;\n username = \"x/y\" ; // done", PlainModule, "requisite", map[string]string{"username": "x/y"}},
		{PlainModule + ` required "user name"="" password="é` + "\u4e16" + `";`, PlainModule, "required", map[string]string{"user name": "", "password": "é\u4e16"}},
		{PlainModule + ` required a="1" a="2";`, PlainModule, "required", map[string]string{"a": "2"}},
	}
	for _, tt := range tests {
		j, err := ParseJAAS(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if j.Module != tt.module || j.Control != tt.control {
			t.Errorf("%s: got module %q, control %q, want %q, %q", tt.text, j.Module, j.Control, tt.module, tt.control)
		}
		got := map[string]string{}
		for name, s := range j.Options {
			got[name] = s.Reveal()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: options (-want +got):\n%s", tt.text, diff)
		}
	}
}

func TestParseJAASShowsWhereItCannotRead(t *testing.T) {
	const m = PlainModule
	const after = len(m)
	tests := []struct {
		text         string
		line, column int
		says         string
	}{
		{"", 1, 1, "no login module"},
		{"  // nothing", 1, 13, "no login module"},
		{"hunter2 required;", 1, 1, "no login module that is known"},
		{"com.sun.security.auth.module.Krb5LoginModule required;", 1, 1, "Kerberos"},
		{m, 1, after + 1, "control flag"},
		{m + " hunter2;", 1, after + 2, "control flag"},
		{m + ` username="a" password="hunter2";`, 1, after + 2, "control flag"},
		{m + ` required username="a"`, 1, after + 23, "does not end"},
		{m + ` required password=hunter2/x;`, 1, after + 30, "does not end"},
		{m + ` required password="hunter2;`, 1, after + 20, "not closed"},
		{m + " required password='hunter2\n';", 1, after + 20, "not closed on its line"},
		{m + ` required password "hunter2";`, 1, after + 20, "= is expected"},
		{m + ` required password=7hunter2;`, 1, after + 20, "no value"},
		{m + ` required password=;`, 1, after + 20, "no value"},
		{m + ` required ="hunter2";`, 1, after + 11, "name of an option"},
		{m + ` required; ` + m + ` required password="hunter2";`, 1, after + 12, "follows the first entry"},
		{m + "\n required\n  password:\"hunter2\";", 3, 11, "= is expected"},
	}
	for _, tt := range tests {
		_, err := ParseJAAS(tt.text)
		var bad *JAASError
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want a *JAASError", tt.text, err)
			continue
		}
		if bad.Line != tt.line || bad.Column != tt.column || !strings.Contains(bad.Say, tt.says) {
			t.Errorf("%s: got line %d, column %d, %q; want line %d, column %d, %q", tt.text, bad.Line, bad.Column, bad.Say, tt.line, tt.column, tt.says)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the secret is in %q", err)
		}
	}
}

// FuzzParseJAAS: what cannot be read is refused at a place that the text has,
// by one of the sentences that the tests above know; what can be read is read
// again from its own quoted form.
func FuzzParseJAAS(f *testing.F) {
	for _, text := range []string{
		PlainModule + ` required username="alice" password="a\"b";`, ScramModule + " required a='b'; // c", OAuthModule + " optional /* x */;",
		PlainModule + ` required a="\101\7\\` + "\xff" + `";`, PlainModule + " required", PlainModule + ` required a="`, "/", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		j, err := ParseJAAS(text)
		if err != nil {
			var bad *JAASError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want a *JAASError", err)
			}
			lines := strings.Split(text, "\n")
			if bad.Line < 1 || bad.Line > len(lines) || bad.Column < 1 || bad.Column > len(lines[bad.Line-1])+1 {
				t.Fatalf("line %d, column %d is outside of %q", bad.Line, bad.Column, text)
			}
			return
		}
		var again strings.Builder
		again.WriteString(j.Module + " " + j.Control)
		for name, s := range j.Options {
			again.WriteString(" " + jaasQuoted(name) + "=" + jaasQuoted(s.Reveal()))
		}
		k, err := ParseJAAS(again.String() + ";")
		if err != nil {
			t.Fatalf("%q, written again as %q: %v", text, again.String(), err)
		}
		for name, s := range j.Options {
			if k.Options[name] != s {
				t.Fatalf("%q: %q comes back as %q, want %q", text, name, k.Options[name].Reveal(), s.Reveal())
			}
		}
		if k.Module != j.Module || k.Control != j.Control || len(k.Options) != len(j.Options) {
			t.Fatalf("%q comes back as %+v", text, k)
		}
	})
}

func jaasQuoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`).Replace(text) + `"`
}
