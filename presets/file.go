package presets

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// errNotFile keeps a read from waiting forever on a pipe.
var errNotFile = errors.New("it is not a plain file")

func readFile(path string) ([]byte, error) {
	at, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !at.Mode().IsRegular() {
		return nil, errNotFile
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	return text, errors.Join(err, f.Close())
}

// reason drops the operation and path of the operating system's error: the
// message around it names the file already.
func reason(err error) string {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return err.Error()
}

func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EFBIG):
		return "make room on the disk and save again; an older preset of this name is as it was"
	case errors.Is(err, syscall.EROFS):
		return "the disk is mounted read-only; set XDG_CONFIG_HOME to a folder that can be written"
	case errors.Is(err, fs.ErrPermission):
		return "give yourself the right to it, or set XDG_CONFIG_HOME to a folder of yours"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return "a file is where a folder should be; move it away, or set XDG_CONFIG_HOME to another folder"
	case errors.Is(err, errNotFile):
		return "give the path of a plain file"
	}
	return "check the path, or set XDG_CONFIG_HOME to another folder"
}
