// Command tipline is the whole tip line in one binary: the citizens' site, the
// mail server, the handlers' desk, the ledger and what keeps them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/redis/go-redis/v9"
)

// version is set by the build; "dev" otherwise.
var version = "dev"

// Exit codes of the contract.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // a core dump would lay open reports and keys on the disk; the units forbid it as well
	redis.SetLogger(&silent{})                                    // the library's own lines name addresses; our errors say what is wrong
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// silent is a log that keeps nothing.
type silent struct{}

// Printf drops a line.
func (*silent) Printf(context.Context, string, ...any) {}

// terminal is where a command reads and prints, and in which language.
type terminal struct {
	in       *os.File
	out, err io.Writer
	tongue   tongue
}

// say prints what a person reads, by its English format.
func (t terminal) say(format string, args ...any) error {
	_, err := io.WriteString(t.out, t.tongue.say(format, args...))
	return err
}

// note says something beside a command's output.
func (t terminal) note(format string, args ...any) {
	_, _ = io.WriteString(t.err, t.tongue.say(format, args...))
}

// run parses and runs one command, and turns what went wrong into one line and
// an exit code.
func run(ctx context.Context, args []string, t terminal) (code int) {
	var c cli
	tongue, err := speak(os.Getenv)
	if err != nil {
		return fail(t, err)
	}
	t.tongue = tongue
	asked := false // --help or --version printed its answer
	parser, err := kong.New(&c, kong.Name("tipline"),
		kong.Description("A public tip line: reports by web, mail and SMS, sealed for the desk, routed into the working ledger."),
		kong.Writers(t.out, t.err), kong.Exit(func(int) { asked = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}), kong.Vars{"version": version},
		kong.PostBuild(tongue.translate), kong.Help(tongue.printHelp), kong.ValueFormatter(flagHelp))
	if err != nil {
		return fail(t, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if asked {
		return exitDone
	}
	if err != nil {
		t.note("tipline: %v\nTry: tipline %s--help\n", t.tongue.error(err), commandOf(args))
		return exitUsage
	}
	if err := perform(ctx, k.Selected().Target.Addr().Interface(), t); err != nil {
		return fail(t, err)
	}
	return exitDone
}

// perform runs a command without the parser, whose megabyte nobody needs any more.
func perform(ctx context.Context, command any, t terminal) error {
	switch c := command.(type) {
	case interface {
		Run(context.Context, terminal) error
	}:
		return c.Run(ctx, t)
	case interface{ Run(terminal) error }:
		return c.Run(t)
	}
	return fmt.Errorf("%T can't be run", command)
}

// fail prints one line: what went wrong and how to mend it.
func fail(t terminal, err error) int {
	fmt.Fprintf(t.err, "tipline: %s\n", t.tongue.error(err))
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

// usageError is a wrong use that only the command itself could see.
type usageError struct{ error }

// commandOf is the subcommand that was meant, with a space behind it.
func commandOf(args []string) string {
	var words []string
	for _, a := range args {
		if strings.HasPrefix(a, "-") || len(words) == 2 {
			break
		}
		words = append(words, a)
	}
	if len(words) == 0 {
		return ""
	}
	return words[0] + " "
}
