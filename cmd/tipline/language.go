package main

import (
	"errors"
	"strings"

	"tipline/configs"
	"tipline/configs/locale"
	"tipline/crypto/keyring"
	"tipline/intake/database"
	"tipline/intake/members"
	"tipline/intake/queue"
)

// tongue is the language that a terminal's environment asks for, by POSIX's order of
// its variables: Chinese where it says so, else English.
func tongue(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := getenv(name); v != "" {
			if strings.HasPrefix(v, "zh") {
				return "zh-CN"
			}
			break
		}
	}
	return "en"
}

// speak is what speaks a language to a terminal.
func speak(lang string) (*locale.Translator, error) {
	b, err := locale.Load()
	if err != nil {
		return nil, err
	}
	return b.Translator(lang), nil
}

// reasons are the errors that have words of their own in each language; the first that
// fits counts.
func reasons() []struct {
	err error
	id  string
} {
	return []struct {
		err error
		id  string
	}{
		{configs.ErrConfig, "config"}, {errNotSetUp, "setup"}, {errNoRoom, "room"}, {members.ErrChain, "chain"},
		{database.ErrNewer, "newer"}, {database.ErrOlder, "older"}, {database.ErrLogin, "login"}, {database.ErrNoDatabase, "nodatabase"},
		{database.ErrAway, "away"}, {database.ErrURL, "url"},
		{queue.ErrAway, "redis.away"}, {queue.ErrRefused, "redis.refused"}, {queue.ErrOpen, "redis.open"}, {queue.ErrTLS, "redis.tls"},
		{queue.ErrTooOld, "redis.old"}, {queue.ErrURL, "redis.url"},
		{keyring.ErrSwapped, "key.swapped"}, {keyring.ErrUnpinned, "key.unpinned"}, {keyring.ErrMissing, "key.missing"}, {keyring.ErrPins, "key.pins"},
	}
}

// told is an error in one line of a language: what it means in words, where there are
// any, and always what it says itself.
func told(tr *locale.Translator, err error) string {
	line := strings.ReplaceAll(err.Error(), "\n", "; ")
	for _, r := range reasons() {
		if errors.Is(err, r.err) {
			return tr.T("failed."+r.id, "error", line)
		}
	}
	return line
}
