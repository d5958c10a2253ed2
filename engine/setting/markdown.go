package setting

import "io"

// Markdown writes the table as docs/settings.md.
func Markdown(w io.Writer) error {
	_, err := io.WriteString(w, "# Settings\n")
	return err
}
