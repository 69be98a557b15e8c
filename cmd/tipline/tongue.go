package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"regexp"
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

// lang is the language of what the bundle of messages says beside it.
func (t tongue) lang() string {
	if t == nil {
		return "en"
	}
	return "zh-CN"
}

// say is what a person reads, by its English format, whose words may follow a count: see agree.
func (t tongue) say(format string, args ...any) string { return inEnglish(t.of(format), args...) }

// inEnglish is what tables and figures say in every language.
func inEnglish(format string, args ...any) string { return fmt.Sprintf(agree(format, args), args...) }

// errorf is fmt.Errorf for an English format whose words follow a count: see agree.
func errorf(format string, args ...any) error { return fmt.Errorf(agree(format, args), args...) }

// choice is a verb of fmt's, or what is said of one and of any other number.
var choice = regexp.MustCompile(`%[-0-9.]*[a-zA-Z]|\{([^{}|%]*)\|([^{}|%]*)\}`)

// agree takes the words that go with a format's counts: of "%d {tip waits|tips wait}" the first after a 1, else
// the second. What is counted is the number before them.
func agree(format string, args []any) string {
	next, one := 0, false
	return choice.ReplaceAllStringFunc(format, func(s string) string {
		if words := choice.FindStringSubmatch(s); s[0] == '{' {
			if one {
				return words[1]
			}
			return words[2]
		}
		if strings.HasSuffix(s, "d") && next < len(args) {
			one = fmt.Sprint(args[next]) == "1"
		}
		next++
		return s
	})
}

// of is a text in this tongue; one without words in it stays English.
func (t tongue) of(english string) string {
	if said, ok := t[english]; ok {
		return said
	}
	return english
}
