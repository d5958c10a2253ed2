package presets

import "os"

// Rename gives a preset another plain name; comments and fields that kdyno does
// not know go along. It refuses to replace another preset. The new file's path
// is returned; the error is an *Error, and then the old file is as it was.
func (s *Store) Rename(from, to string) (string, error) {
	for _, name := range []string{from, to} {
		if err := CheckName(name); err != nil {
			return "", err
		}
	}
	if err := s.make(); err != nil {
		return "", err
	}
	unlock, err := s.lock()
	if err != nil {
		return "", refusal(s.path(from), "preset not renamed: "+reason(err), remedy(err), err)
	}
	defer unlock()
	return s.rename(from, to)
}

func (s *Store) rename(from, to string) (string, error) {
	p, err := s.Load(from)
	switch {
	case err != nil:
		return "", err
	case p.BuiltIn:
		return "", refusal("", from+" comes with kdyno and keeps its name", "save it under a name of your own: kdyno presets save "+to+" --preset "+from, nil)
	}
	path := s.path(to)
	if _, err := os.Lstat(path); err == nil {
		return "", refusal(path, "preset not renamed: there is one of this name already", "choose another name, or remove that one first: kdyno presets remove "+to, nil)
	}
	p.Name = to
	again, err := encode(p, p.read.text)
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
