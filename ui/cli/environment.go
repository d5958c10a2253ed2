package cli

import (
	"strings"

	"kdyno/engine/setting"
)

// variable is the environment's name of a setting: KDYNO_LINGER_MS.
func variable(k setting.Key) string {
	return "KDYNO_" + strings.ToUpper(strings.ReplaceAll(string(k), ".", "_"))
}

// environment adds what the environment sets to the values that stand below,
// secrets among them.
func (a *app) environment(v setting.Values) (setting.Values, *failure) {
	if a.Env == nil {
		return v, nil
	}
	for _, row := range setting.Rows() {
		name := variable(row.Key)
		text, ok := a.Env(name)
		if !ok {
			continue
		}
		with := v.With
		if row.Secret {
			with = func(k setting.Key, text string) (setting.Values, error) { return v.WithSecret(k, setting.Secret(text)) }
		}
		next, err := with(row.Key, text)
		if err != nil {
			fail := badValue(err, name)
			fail.Key = string(row.Key)
			return v, fail
		}
		v = next
	}
	return v, nil
}
