// Kdyno is a dynamometer for Apache Kafka producers. All that this file does
// is to hand the command line over and to exit with the code that comes back.
package main

import (
	"os"

	"kdyno/ui/cli"
)

func main() { os.Exit(cli.Main(cli.System(), os.Args[1:])) }
