package configs

import "testing"

func farmland(t *testing.T) *Pack {
	t.Helper()
	p, err := LoadPack("farmland")
	if err != nil {
		t.Fatal(err)
	}
	return p
}
