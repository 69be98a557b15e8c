package configs

import (
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
)

// explain says in plain words what a failed tag asks for. It never quotes the value.
func explain(f validator.FieldError) string {
	switch f.Tag() {
	case "min":
		return "must be at least " + unit(f)
	case "max":
		return "must be at most " + unit(f)
	case "oneof":
		if f.Field() == "provider" {
			return "this version speaks only " + strings.ReplaceAll(f.Param(), " ", ", ") + "; choose one of them, or take the channel out"
		}
		return "must be one of: " + strings.ReplaceAll(f.Param(), " ", ", ")
	case "ltefield":
		return "must not be above the hard limit; lower it, or raise the one with hard in its name"
	}
	if text, ok := meanings()[f.Tag()]; ok {
		return text
	}
	return "is not valid (" + f.Tag() + ")"
}

func unit(f validator.FieldError) string {
	if f.Kind() == reflect.Slice {
		if f.Param() == "1" {
			return "one entry"
		}
		return f.Param() + " entries"
	}
	return f.Param()
}

func meanings() map[string]string {
	return map[string]string{
		"required":         "is required; fill it in",
		"required_with":    "is required: tls.cert and tls.key go together",
		"unique":           "holds an entry (or a name) twice; keep one",
		"listen":           "must be host:port, as in 127.0.0.1:8080 or :8080; empty turns the listener off",
		"base_url":         "must be an absolute http(s) URL without user, query or fragment, as in https://tips.example.org",
		"hook_url":         "must be an absolute http(s) URL without user or fragment, just as the gateway was told it",
		"host_port":        "must be a host, with a port or without, as in imap.example.org:993",
		"proxy":            "must be an IP address or a range, as in 10.0.0.0/8",
		"mailbox":          "must be one mail address alone, as in tips@example.org",
		"send_url":         "must be an https URL; http is for this machine alone",
		"pair":             "must be name=value, as in state={state}",
		"channel":          "must be 1 to 40 of a-z, 0-9 and -",
		"database":         "must be empty or a postgres:// URL",
		"redis":            "must be redis://, rediss:// or unix://; on another machine it needs a password, as in redis://:PASSWORD@host:6379 (?password= with master_name), and no skip_verify",
		"relay":            "must be host:port, or smtp[s]://user:password@host:port",
		"tiles":            "must be a folder, an .mbtiles file, or an https URL with {z}, {x} and {y}, as in https://tiles.example.org/{z}/{x}/{y}.png",
		"timezone":         "must be a time zone's name, as in Asia/Shanghai",
		"file":             "cannot be read; check the path",
		"fqdn":             "must be a host name, as in tips.example.org",
		"hostname_rfc1123": "must be a host name, as in mail.example.org",
	}
}
