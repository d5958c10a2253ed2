package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/charmbracelet/x/term"

	"kdyno/engine/setting"
)

// maxSecretBytes bounds a file that holds a secret: a key with its chain of
// certificates is a few kilobytes.
const maxSecretBytes = 1 << 20

// secret gives a row that is one its value, which never stands on the command
// line: KEY=file:PATH reads it, KEY=ask asks for it.
func (a *app) secret(v setting.Values, k setting.Key, text string) (setting.Values, *failure) {
	var hidden setting.Secret
	var fail *failure
	switch path, file := strings.CutPrefix(text, "file:"); {
	case file:
		hidden, fail = secretFile(k, path)
	case text == "ask":
		hidden, fail = a.askSecret(k)
	default:
		// The table refuses it, and says which ways there are.
		_, err := v.With(k, text)
		return v, badValue(err, "")
	}
	if fail != nil {
		return v, fail
	}
	next, err := v.WithSecret(k, hidden)
	if err != nil {
		return v, badValue(err, "")
	}
	return next, nil
}

func secretFile(k setting.Key, path string) (setting.Secret, *failure) {
	refuse := func(what string) (setting.Secret, *failure) {
		fail := usagef("name a file that holds the secret and nothing else", "%s=file:%s: %s", k, path, what)
		fail.Key = string(k)
		return "", fail
	}
	at, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return refuse("there is no such file")
	case err != nil:
		return refuse(err.Error())
	case at.Size() > maxSecretBytes:
		return refuse("it is too large for a secret")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return refuse(err.Error())
	}
	return setting.Secret(strings.TrimRight(string(raw), "\r\n")), nil
}

// askSecret asks on the terminal, without an echo.
func (a *app) askSecret(k setting.Key) (setting.Secret, *failure) {
	if a.Ask == nil {
		fail := usagef(fmt.Sprintf("set %s in the environment, or write %s=file:PATH", variable(k), k), "%s=ask: there is no terminal to ask on", k)
		fail.Key = string(k)
		return "", fail
	}
	text, err := a.Ask(fmt.Sprintf("%s: ", k))
	if err != nil {
		return "", usagef("", "%s=ask: %v", k, err)
	}
	return setting.Secret(text), nil
}

// askTerminal prompts on the terminal and reads a line that nobody sees.
func askTerminal(prompt string) (string, error) {
	if _, err := fmt.Fprint(os.Stderr, prompt); err != nil {
		return "", fmt.Errorf("ask: %w", err)
	}
	text, err := term.ReadPassword(os.Stdin.Fd())
	_, _ = fmt.Fprintln(os.Stderr) // the person's own enter was not shown
	if err != nil {
		return "", fmt.Errorf("read what was typed: %w", err)
	}
	return string(text), nil
}
