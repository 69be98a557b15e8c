package courier

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tipline/intake"
)

// custom is any aggregator that takes a form or a flat JSON object. Fields are
// name=value, where {to}, {bare} (the number without its plus), {text}, {user},
// {secret} and {from} stand for what they say; so may the header, as in
// "Authorization: Bearer {secret}". Success is a text that the answer holds; without
// one its status counts.
func askCustom(g Gateway, number string, t Text, _ time.Time) (*http.Request, error) {
	values := map[string]string{"to": number, "bare": bare(number), "text": t.Body, "user": g.User, "secret": g.Secret, "from": g.From}
	for name, v := range t.Values {
		values[name] = v
	}
	req, err := customBody(g, values)
	if err != nil {
		return nil, err
	}
	if name, value, ok := strings.Cut(g.Header, ":"); ok {
		req.Header.Set(strings.TrimSpace(name), filled(strings.TrimSpace(value), values))
	}
	return req, nil
}

func customBody(g Gateway, values map[string]string) (*http.Request, error) {
	form, object := url.Values{}, map[string]string{}
	for _, p := range pairs(g.Fields) {
		v := filled(p[1], values)
		form.Add(p[0], v)
		object[p[0]] = v
	}
	if g.Format == "json" {
		return postJSON(g.URL, object)
	}
	return postForm(g.URL, form)
}

func readCustom(g Gateway, status int, body []byte) error {
	if err := byStatus(status); err != nil {
		return err
	}
	if g.Success != "" && !bytes.Contains(body, []byte(g.Success)) {
		return failed(intake.SendRefused)
	}
	return nil
}
