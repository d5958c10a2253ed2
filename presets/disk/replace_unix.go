//go:build !windows

package disk

import (
	"path/filepath"

	"github.com/google/renameio/v2"
)

// Replace puts text at path, whole or not at all, readable by nobody
// else, whatever the umask and the old file's mode. The error is the system's.
func Replace(path string, text []byte) (err error) {
	// People keep such files in a repository and link to them: the link stays.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	f, err := renameio.NewPendingFile(path,
		renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
	if err != nil {
		return err
	}
	defer func() {
		if gone := f.Cleanup(); err == nil {
			err = gone
		}
	}()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
