package cli

import "context"

// rescueWord is an argument that nobody gives here: on Windows the console
// forgets a program's modes by itself.
const rescueWord = "rescue-terminal"

func guard(context.Context) func() { return func() {} }

func rescue() int { return 0 }
