package configs

import (
	"fmt"
	"slices"
)

// wanted are the keys of sms[].send that a provider can't do without.
func wanted(provider string) []string {
	switch provider {
	case "aliyun":
		return []string{"user", "secret", "sign", "template"}
	case "tencent":
		return []string{"user", "secret", "app", "sign", "template"}
	case "twilio", "vonage", "plivo", "sinch":
		return []string{"user", "secret", "from"}
	case "telnyx":
		return []string{"secret", "from"}
	case "android":
		return []string{"user", "secret"}
	case "custom":
		return []string{"url", "fields"}
	default:
		return nil
	}
}

// sends are the providers that texts go out through.
var sends = []string{"aliyun", "android", "custom", "plivo", "sinch", "telnyx", "tencent", "twilio", "vonage"}

// checkSend names the keys of every sender that are missing.
func (c *Config) checkSend(report func(key, text string)) {
	for i, s := range c.SMS {
		if !s.Send.On() {
			continue
		}
		key := fmt.Sprintf("sms[%d].send.", i)
		if !slices.Contains(sends, s.Send.Provider) {
			report(key+"provider", s.Send.Provider+" sends no texts here; name one that does, or take send out")
		}
		have := map[string]bool{"user": s.Send.User != "", "secret": s.Send.Secret != "", "from": s.Send.From != "", "app": s.Send.App != "",
			"sign": s.Send.Sign != "", "template": s.Send.Template != "", "url": s.Send.URL != "", "fields": len(s.Send.Fields) > 0}
		for _, name := range wanted(s.Send.Provider) {
			if !have[name] {
				report(key+name, "is required by "+s.Send.Provider+"; fill it in, or take send out")
			}
		}
	}
}
