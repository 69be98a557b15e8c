package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed zh-CN.yaml
var chinese []byte

// tongue is what the command line says in the language of the terminal, by what it says in
// English. Nil is English. Tables, and what scripts read, are the same in every language.
type tongue map[string]string

// speak is the tongue for the locale that the environment names, as POSIX orders its variables
// (XBD 8.2): LC_ALL, LC_MESSAGES, LANG.
func speak(getenv func(string) string) (tongue, error) {
	return speakIn(cmp.Or(getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")))
}

// speakIn is the tongue for a locale or a language, such as zh_CN.UTF-8 or zh-CN.
func speakIn(locale string) (tongue, error) {
	if !strings.HasPrefix(locale, "zh") {
		return nil, nil
	}
	t := tongue{}
	if err := yaml.Unmarshal(chinese, &t); err != nil {
		return nil, fmt.Errorf("zh-CN.yaml: %w", err)
	}
	return t, nil
}

// say is what a person reads, by its English format.
func (t tongue) say(format string, args ...any) string { return fmt.Sprintf(t.of(format), args...) }

// of is a text in this tongue; one without words in it stays English.
func (t tongue) of(english string) string {
	if said, ok := t[english]; ok {
		return said
	}
	return english
}
