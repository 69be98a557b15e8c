package main

import (
	"bytes"
	"io"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"
)

// translate words every help text of the commands in this tongue.
func (t tongue) translate(k *kong.Kong) error {
	t.translateNode(k.Model.Node)
	return nil
}

func (t tongue) translateNode(n *kong.Node) {
	n.Help, n.Detail = spread(t.of(n.Help)), spread(t.of(n.Detail))
	for _, f := range n.Flags {
		f.Help = spread(t.of(f.Help))
	}
	for _, p := range n.Positional {
		p.Help = spread(t.of(p.Help))
	}
	for _, c := range n.Children {
		t.translateNode(c)
	}
}

// flagHelp is a flag's text with the variable that gives it as well.
func flagHelp(v *kong.Value) string {
	help, chinese := strings.CutSuffix(v.Help, "。"+string(filler))
	if !chinese || len(v.Tag.Envs) == 0 {
		return kong.DefaultHelpValueFormatter(v)
	}
	return help + "（$" + strings.Join(v.Tag.Envs, "、$") + "）。"
}

// printHelp prints the help of a command, the printer's own words in this tongue too.
func (t tongue) printHelp(o kong.HelpOptions, k *kong.Context) error {
	var b bytes.Buffer
	to := k.Stdout
	k.Stdout = &b
	err := kong.DefaultHelpPrinter(o, k)
	k.Stdout = to
	if err != nil {
		return err
	}
	_, err = io.WriteString(to, t.frame(gather(b.String())))
	return err
}

// frame words what kong says around the texts.
func (t tongue) frame(help string) string {
	return strings.NewReplacer("Usage: ", t.of("Usage: "), "\nArguments:\n", "\n"+t.of("Arguments:")+"\n", "\nFlags:\n", "\n"+t.of("Flags:")+"\n",
		"\nCommands:\n", "\n"+t.of("Commands:")+"\n", `Run "tipline <command> --help" for more information on a command.`, t.of(`Run "tipline <command> --help" for more information on a command.`)).Replace(help)
}

// filler stands for the second column of a Chinese character behind which no line may break; it is
// the word joiner, which no text has.
const filler = '\u2060'

// spread gives every Chinese character its second column: kong takes each for one, and breaks lines
// at spaces only. So a space follows each where a line may break, else the filler. gather takes both out again.
func spread(text string) string {
	var b strings.Builder
	runes := append([]rune(text), 0)
	for i, r := range runes[:len(runes)-1] {
		b.WriteRune(r)
		switch next := runes[i+1]; {
		case !isWide(r):
		case isWide(next) && !closes(next) && !opens(r):
			b.WriteRune(' ')
		default:
			b.WriteRune(filler)
		}
	}
	return b.String()
}

// gather undoes spread in what was printed.
func gather(text string) string {
	var b strings.Builder
	runes := append([]rune(strings.ReplaceAll(text, string(filler), "")), 0)
	for i, r := range runes[:len(runes)-1] {
		if r != ' ' || i == 0 || !isWide(runes[i-1]) || !isWide(runes[i+1]) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isWide(r rune) bool { return unicode.Is(unicode.Han, r) || closes(r) || opens(r) }

// closes are the marks that no line begins with, opens those that none ends with.
func closes(r rune) bool { return strings.ContainsRune("，。；：、！？）”…", r) }
func opens(r rune) bool  { return strings.ContainsRune("（“", r) }
