package presets

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"kdyno/engine/setting"
)

const extension = ".yaml"

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// Windows opens a device for these, whatever the extension; a preset is meant
// to be carried from one machine to the next.
var deviceName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$`)

const nameHint = "use 1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit, such as orders-low-latency"

// CheckName says whether a preset can be saved under this name, and if not,
// why; the error is an *Error.
func CheckName(name string) error {
	say := nameProblem(name)
	if say == "" {
		return nil
	}
	return refusal("", say, nameHint, nil)
}

func nameProblem(name string) string {
	switch {
	case name == "":
		return "a preset needs a name, and this one is empty"
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Sprintf("the preset name %q holds a control character", name)
	case strings.ContainsAny(name, `/\:`):
		return fmt.Sprintf("%q is a path: a preset is saved by its name alone, into the presets folder", name)
	case strings.HasPrefix(name, "."):
		return fmt.Sprintf("the preset name %q starts with a dot, so it would be hidden", name)
	case strings.Contains(name, "..") || strings.HasSuffix(name, "."):
		return fmt.Sprintf("the preset name %q has a dot too many", name)
	case len(name) > 64:
		return fmt.Sprintf("the preset name %.20q... has %d characters", name, len(name))
	case deviceName.MatchString(name):
		return fmt.Sprintf("%q names a device on Windows, so no file can have it", name)
	case hasExtension(name):
		return fmt.Sprintf("the preset name %q ends like a file; the extension is added by itself", name)
	case !plainName.MatchString(name):
		return fmt.Sprintf("the preset name %q holds a character that not every machine can keep in a file name", name)
	}
	return ""
}

func hasExtension(name string) bool {
	ext := strings.ToLower(filepath.Ext(name))
	return ext == extension || ext == ".yml"
}

// isPath tells a file that is meant from a name in the store. A plain
// "team.yaml" is a file: no preset can have that name.
func isPath(nameOrPath string) bool {
	return strings.ContainsAny(nameOrPath, `/\`) || filepath.VolumeName(nameOrPath) != "" || hasExtension(nameOrPath)
}

// secret tells whether a setting's value must never be written to a preset.
// A name that the table does not have is judged by how it reads.
func secret(key string) bool {
	if row, known := setting.Find(setting.Key(key)); known {
		return row.Secret
	}
	k := strings.ToLower(key)
	if strings.HasSuffix(k, "keystore.location") || strings.HasSuffix(k, "keystore.type") {
		return false
	}
	for _, word := range []string{"password", "passwd", "secret", "jaas", "token", "credential", "ssl.key", "keystore.key", "private"} {
		if strings.Contains(k, word) {
			return true
		}
	}
	return false
}
