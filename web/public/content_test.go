package public

import "testing"

func TestTicked(t *testing.T) {
	for v, want := range map[string]bool{"": false, "0": false, "false": false, "no": false, "off": false, "1": true, "on": true, "true": true, "是": true} {
		if ticked(v) != want {
			t.Errorf("%q is %v", v, !want)
		}
	}
}
