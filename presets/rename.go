package presets

import (
	"errors"
	"io/fs"
	"os"
)

// Rename gives a preset another plain name; comments and fields that kdyno does
// not know go along. It refuses to replace another preset. The new file's path
// is returned; the error is an *Error, and then the old file is as it was.
func (s *Store) Rename(from, to string) (string, error) {
	for _, name := range []string{from, to} {
		if err := CheckName(name); err != nil {
			return "", err
		}
	}
	text, err := readFile(s.path(from))
	if errors.Is(err, fs.ErrNotExist) {
		return "", s.missing(from, err)
	}
	if err != nil {
		return "", refusal(s.path(from), "cannot read the preset: "+reason(err), remedy(err), err)
	}
	p, err := decode(s.path(from), text)
	if err != nil {
		return "", err
	}
	path := s.path(to)
	if _, err := os.Lstat(path); err == nil {
		return "", refusal(path, "preset not renamed: there is one of this name already", "choose another name, or remove that one first: kdyno presets remove "+to, nil)
	}
	p.Name = to
	again, err := encode(p, text)
	if err != nil {
		return "", refusal(path, "cannot write the preset down: "+err.Error(), "", err)
	}
	if err := s.write(path, again); err != nil {
		return "", refusal(path, "preset not renamed: "+reason(err), remedy(err), err)
	}
	if err := os.Remove(s.path(from)); err != nil {
		return "", refusal(s.path(from), "the preset is there under both names: "+reason(err), remedy(err), err)
	}
	return path, nil
}
