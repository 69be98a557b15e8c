package configs

// Text is one text in several languages, by BCP 47 tag ("zh-CN", "en").
type Text map[string]string

// In is the text in lang, else in English, else in Chinese, else "".
func (t Text) In(lang string) string {
	for _, l := range []string{lang, "en", "zh-CN"} {
		if s := t[l]; s != "" {
			return s
		}
	}
	return ""
}
