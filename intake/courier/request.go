package courier

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// The types of bodies.
const (
	typeForm = "application/x-www-form-urlencoded"
	typeJSON = "application/json"
)

// postForm asks with a form.
func postForm(address string, form url.Values) (*http.Request, error) {
	return post(address, typeForm, []byte(form.Encode()))
}

// postJSON asks with a JSON body.
func postJSON(address string, v any) (*http.Request, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return post(address, typeJSON, body)
}

func post(address, kind string, body []byte) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", typeJSON)
	return req, nil
}

// pairs reads name=value lines.
func pairs(lines []string) (out [][2]string) {
	for _, l := range lines {
		name, value, _ := strings.Cut(l, "=")
		out = append(out, [2]string{name, value})
	}
	return out
}

// filled puts values into the {name} of a text, each once: a value is never read
// for names itself.
func filled(text string, values map[string]string) string {
	args := make([]string, 0, 2*len(values))
	for name, v := range values {
		args = append(args, "{"+name+"}", v)
	}
	return strings.NewReplacer(args...).Replace(text)
}

// bare is a number without its plus.
func bare(number string) string { return strings.TrimPrefix(number, "+") }
