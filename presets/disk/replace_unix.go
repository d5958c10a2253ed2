//go:build !windows

package disk

import (
	"errors"
	"os"
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
	if err := f.CloseAtomicallyReplace(); err != nil {
		return err
	}
	return settle(filepath.Dir(path))
}

// settle writes a folder's names to the disk, so that a power cut does not bring
// the old file back after a save was told to be done.
func settle(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
